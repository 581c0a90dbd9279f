/** Gives logins of a pool to the two agents of a project of its own, as `agent up` does, and prints who got which. */
import { provideLogins } from "../../../../src/app/logins/provide-logins.js";
import { findHolding } from "../../../../src/app/logins/give-login.js";
import { agentAt } from "../../../../src/domain/agents/agent.js";
import { LOGIN_KINDS } from "../../../../src/domain/logins/login-kinds.js";
import { loginStand, makeHome, observedHome, withPool } from "../../support/login-stand.js";

const [user = "", name = "", pool = "", mode = ""] = process.argv.slice(2);
const stand = loginStand(user, name);
const { logins } = stand;
const deps = {
  ...stand,
  logins: {
    ...logins,
    change: <T>(work: Parameters<typeof logins.change<T>>[0]) =>
      logins.change<T>((registry, save) =>
        work(registry, async (next) => {
          await save(next);
          if (mode === "die") process.kill(process.pid, "SIGKILL");
        }),
      ),
  },
};
for (const index of [1, 2]) await makeHome(deps, index);
await provideLogins(deps, { wanted: [observedHome(1), observedHome(2)], settingsOf: withPool(pool) });
const registry = await logins.load();
for (const index of [1, 2])
  console.log(findHolding(deps, LOGIN_KINDS.codex, registry, agentAt(index))?.slot?.slot ?? "none");
