import path from "node:path";
import { askTool, noAnswer, urlsIn } from "./ask-tool.js";
import type { Asked, AskContext } from "./asked.js";
import { inEmptyDir } from "./empty-dir.js";
import { readIfThere } from "./read-if-there.js";

/** The mirrors and repositories of the user's settings, and the one that Maven itself would go to first. */
export async function askMaven({ home, env, signal }: AskContext): Promise<Asked> {
  const settings = (await readIfThere(path.join(home, ".m2", "settings.xml"))) ?? "";
  const configured = repositoriesIn(settings);
  return inEmptyDir(async (cwd) => {
    // Offline, in an empty store, it cannot fetch even a plugin, and says from where it would have: nothing is run.
    const args = [
      "-B",
      "-o",
      "-ntp",
      `-Dmaven.repo.local=${path.join(cwd, "store")}`,
      "devkit.none:none:1:none",
    ];
    const answer = await askTool("mvn", args, { cwd, env, signal });
    const asked = answer.kind === "ended" ? urlsIn(inMessages(answer.stdout)) : [];
    const urls = [...configured, ...asked];
    return {
      urls,
      notes: urls.length > 0 ? [] : [noAnswer("maven", "mvn", answer)],
    };
  });
}

function inMessages(stdout: string): string {
  return [...stdout.matchAll(/Cannot access \S+ \(([^)]+)\)/g)].map((match) => match[1]).join("\n");
}

function repositoriesIn(settings: string): string[] {
  const text = settings.replaceAll(/<!--.*?-->/gs, "");
  const elements = text.match(/<(mirror|repository|pluginRepository)>.*?<\/\1>/gs) ?? [];
  return elements
    .filter((element) => !/<blocked>\s*true\s*</.test(element))
    .flatMap((element) => /<url>\s*([^<]*?)\s*<\/url>/.exec(element)?.[1] ?? [])
    .map((url) => url.replaceAll("&amp;", "&"));
}
