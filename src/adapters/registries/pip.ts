import { askTool, noAnswer, urlsIn, type ToolAnswer, type ToolOptions } from "./ask-tool.js";
import type { Asked, AskContext } from "./asked.js";
import { inEmptyDir } from "./empty-dir.js";

/** pip's indexes, and where the files lie that they list: often another host, which only the index knows. */
export async function askPip({ env, signal }: AskContext): Promise<Asked> {
  return inEmptyDir(async (cwd) => {
    // Its help names the index in force in one line when the terminal is wide enough.
    const options = { cwd, signal, env: { ...env, COLUMNS: "4000" } };
    const { pip, help } = await findPip(options);
    if (help.kind !== "ended" || help.exitCode !== 0)
      return { urls: [], notes: [noAnswer("pip", "pip", help)] };
    const [config, probe] = await Promise.all([
      askTool(pip, ["config", "list"], options),
      askTool(pip, PROBE, options),
    ]);
    const configured =
      config.kind === "ended" ? config.stdout.split("\n").filter((line) => INDEXES.test(line)) : [];
    const files = probe.kind === "ended" && probe.exitCode === 0 ? filesOf(probe.stdout) : [];
    const urls = [
      ...defaultIndex(help.stdout),
      ...configured.flatMap((line) => urlsIn(line.replaceAll("\\n", "\n"))),
      ...files,
    ];
    return { urls, notes: files.some((url) => url.startsWith("http")) ? [] : [FILES_UNKNOWN] };
  });
}

const INDEXES = /^\S*(?:index-url|find-links)=/;

/** Asks for the address of one package that every index has, without installing or building anything. */
const PROBE = [
  ...["install", "pip", "--dry-run", "--ignore-installed", "--no-deps", "--only-binary", ":all:"],
  ...["--quiet", "--disable-pip-version-check", "--no-input", "--retries", "0", "--report", "-"],
];

const FILES_UNKNOWN =
  "pip could not ask its index which host the files are on; if that is another one, write its name into [egress] allow";

async function findPip(options: ToolOptions): Promise<{ pip: string; help: ToolAnswer }> {
  const args = ["install", "--help"];
  const help = await askTool("pip", args, options);
  if (help.kind !== "missing") return { pip: "pip", help };
  return { pip: "pip3", help: await askTool("pip3", args, options) };
}

function defaultIndex(help: string): string[] {
  const line = help.split("\n").find((text) => text.includes("--index-url <")) ?? "";
  const url = /\(default:? ([^\s)]+)\)/.exec(line)?.[1];
  return url === undefined ? [] : [url];
}

function filesOf(report: string): string[] {
  try {
    const { install } = JSON.parse(report) as { install: { download_info: { url: string } }[] };
    return install.map(({ download_info: { url } }) => url);
  } catch {
    return [];
  }
}
