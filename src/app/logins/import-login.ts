import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import type { Login } from "../../domain/logins/login.js";
import type { LoginKind } from "../../domain/logins/login-kinds.js";
import { giveLogin } from "./give-login.js";
import type { LoginNeeds } from "./holders.js";
import { requireHome } from "./select-homes.js";

export interface ImportRequest {
  /** A path, or `-` for standard input. */
  readonly file: string;
  readonly selector: string;
  readonly force: boolean;
  readonly share: boolean;
}

export interface ImportResult {
  readonly agent: AgentRef;
  readonly login: Login;
  readonly changed: boolean;
}

/** Copies a login out of a file into an agent's home. @throws DevkitError E_LOGIN, E_LOGIN_KEPT, E_LOGIN_SHARED … */
export async function importLogin(
  deps: LoginNeeds,
  kind: LoginKind,
  { file, selector, force, share }: ImportRequest,
): Promise<ImportResult> {
  const agent = await requireHome(deps, selector);
  const login = requireLogin(kind, file, await deps.logins.readImport(file));
  const { changed } = await deps.logins.change((registry, save) =>
    giveLogin(deps, kind, { registry, save }, { agent, login, slot: undefined, force, share }),
  );
  return { agent, login, changed };
}

function requireLogin(kind: LoginKind, file: string, text: string): Login {
  const parsed = kind.parse(text);
  const what = file === "-" ? "standard input" : file;
  if (parsed.ok && !parsed.login.over) return parsed.login;
  const problem = parsed.ok ? "says that it is over" : parsed.problem;
  throw new DevkitError("E_LOGIN", `${what} is no login of ${kind.title}: it ${problem}`, {
    hint: `log in (${kind.logIn}) and give the file that this writes: ~/${kind.directory}/${kind.file}`,
    details: { file },
  });
}
