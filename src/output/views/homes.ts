import { showText } from "../../base/show-text.js";
import { formatSize } from "../../base/sizes.js";
import { upCommand } from "../../domain/agents/up-command.js";
import { formatMode, type LooseMode } from "../../domain/identity/home-modes.js";
import type { SshKey } from "../../domain/identity/ssh-keys.js";
import { formatTable } from "./table.js";

interface Size {
  readonly bytes: number;
  readonly isComplete: boolean;
}

interface Counted {
  readonly count: number;
  readonly isComplete: boolean;
}

/** A home as `agent home show` tells it. */
export interface HomeView {
  readonly agent: { readonly index: number; readonly name: string };
  readonly home: string;
  readonly size: Size;
  readonly entries: readonly { readonly name: string; readonly bytes: number }[];
  readonly loose: readonly LooseMode[];
  readonly logins: Readonly<Record<"codex" | "claude", number | undefined>>;
  readonly keys: readonly SshKey[];
  readonly codexSessions: Counted;
  readonly claudeProjects: Counted;
}

/** More are counted together. */
const SHOWN_ENTRIES = 20;

/** `1.2 GiB`, and `≥ 1.2 GiB` of what was not looked at to its end. */
export function homeSizeText({ bytes, isComplete }: Size): string {
  return `${isComplete ? "" : "≥ "}${formatSize(bytes)}`;
}

/** The same as JSON; whatever is the agent's text is safe to print. */
export function homeData(view: HomeView) {
  const loginOf = (mode: number | undefined) =>
    mode === undefined ? { present: false, mode: null } : { present: true, mode: formatMode(mode) };
  const counted = ({ count, isComplete }: Counted) => ({ count, complete: isComplete });
  return {
    ...view.agent,
    home: view.home,
    bytes: view.size.bytes,
    complete: view.size.isComplete,
    entries: view.entries.map(({ name, bytes }) => ({ name: showText(name), bytes })),
    loose: view.loose.map(({ path, mode, widest }) => ({
      path: showText(path),
      mode: formatMode(mode),
      widest: formatMode(widest),
    })),
    logins: { codex: loginOf(view.logins.codex), claude: loginOf(view.logins.claude) },
    keys: view.keys.map((key) => ({
      file: showText(key.file),
      mode: formatMode(key.mode),
      type: key.type ?? null,
      fingerprint: key.fingerprint ?? null,
      comment: key.comment === undefined ? null : showText(key.comment),
      private: key.isPrivate,
      encrypted: key.isEncrypted ?? null,
    })),
    codexSessions: counted(view.codexSessions),
    claudeProjects: counted(view.claudeProjects),
  };
}

export function homeText(view: HomeView): string {
  const data = homeData(view);
  const loginText = ({ present, mode }: (typeof data)["logins"]["codex"]) =>
    present ? `logged in (mode ${mode ?? ""})` : "none";
  const countText = ({ count, complete }: (typeof data)["codexSessions"]) =>
    `${complete ? "" : "≥ "}${String(count)}`;
  const loose = data.loose.map(({ path, mode, widest }) => `${path} is ${mode}, not ${widest}`);
  return [
    data.name,
    `  home       ${data.home}`,
    `  size       ${homeSizeText(view.size)}`,
    `  modes      ${loose.length === 0 ? "closed to everybody else" : [...loose, `to close them: ${upCommand([data])}`].join("\n             ")}`,
    `  codex      ${loginText(data.logins.codex)}, sessions: ${countText(data.codexSessions)}`,
    `  claude     ${loginText(data.logins.claude)}, projects: ${countText(data.claudeProjects)}`,
    `  ssh keys   ${data.keys.length === 0 ? "none" : data.keys.map(keyText).join("\n             ")}`,
    "",
    entryTable(view.entries),
  ].join("\n");
}

function keyText(key: ReturnType<typeof homeData>["keys"][number]): string {
  const what = key.private ? (key.encrypted === true ? "with a passphrase" : "") : "public half only";
  return [
    key.file,
    key.type ?? "of an older format",
    key.fingerprint ?? "",
    key.comment ?? "",
    what,
    key.mode,
  ]
    .filter((part) => part !== "")
    .join("  ");
}

function entryTable(entries: HomeView["entries"]): string {
  const shown = entries.slice(0, SHOWN_ENTRIES).map(({ name, bytes }) => [formatSize(bytes), showText(name)]);
  const rest = entries.slice(SHOWN_ENTRIES);
  const sum = rest.reduce((all, { bytes }) => all + bytes, 0);
  const more = rest.length === 0 ? [] : [[formatSize(sum), `${String(rest.length)} more`]];
  return formatTable(["SIZE", "NAME"], [...shown, ...more]);
}
