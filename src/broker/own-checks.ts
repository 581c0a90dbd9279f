import { createToldChanges } from "../app/checks/told-changes.js";
import type { LocalState } from "../app/ports-local-state.js";
import type { CheckCommandDeps } from "../cli/deps/connect-checks.js";
import { checksOf } from "../domain/checks/check.js";
import type { EndpointSettings } from "../domain/endpoint/settings-file.js";
import type { Call } from "./call.js";

/** Checks of the agent that calls: what its files are and what it has changed is what it says. */
export function connectOwnChecks(
  { agent, request }: Call,
  settings: EndpointSettings,
  local: LocalState,
): CheckCommandDeps {
  const forHost = () => Promise.reject(new Error("settings and hooks are changed on the host"));
  return {
    checksOf: (name) => Promise.resolve(checksOf(settings.checksOf.get(name) ?? settings.checks)),
    changesOf: () => Promise.resolve(createToldChanges(request.changed ?? [])),
    local: (name) => (name === agent ? local : undefined),
    now: () => new Date(),
    // Whose it is says that nothing but what is staged can be looked at.
    resolve: (revision) => Promise.resolve(revision),
    editSettings: forHost,
    installHooks: forHost,
    refreshAgents: forHost,
    readInput: () => Promise.resolve(request.input ?? ""),
  };
}
