import { askTool, noAnswer } from "./ask-tool.js";
import type { Asked, AskContext } from "./asked.js";
import { inEmptyDir } from "./empty-dir.js";

/** Go's module proxies and its checksum database. */
export async function askGo({ env, signal }: AskContext): Promise<Asked> {
  return inEmptyDir(async (cwd) => {
    const answer = await askTool("go", ["env", "GOPROXY", "GOSUMDB"], { cwd, env, signal });
    if (answer.kind !== "ended" || answer.exitCode !== 0)
      return { urls: [], notes: [noAnswer("go", "go", answer)] };
    const [proxies = "", sums = ""] = answer.stdout.split("\n");
    const urls = [...proxyUrls(proxies), ...sumUrls(sums)];
    return { urls, notes: proxyUrls(proxies).length > 0 ? [] : [NO_PROXY] };
  });
}

const NO_PROXY =
  "go has no module proxy (GOPROXY), so every module comes from a host of its own; write those names into [egress] allow";

function proxyUrls(text: string): string[] {
  return text
    .split(/[,|]/)
    .map((part) => part.trim())
    .filter((part) => part !== "" && part !== "direct" && part !== "off");
}

/** `off`, a name, `name+key`, or one of these with a URL that stands for it. */
function sumUrls(text: string): string[] {
  const [name = "", url] = text.trim().split(/\s+/);
  if (name === "" || name === "off") return [];
  return [url ?? `https://${name.split("+", 1)[0] ?? ""}`];
}
