import { readdir, readFile, rm } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import path from "node:path";
import type { EgressStore } from "../../app/ports-egress.js";
import { DevkitError } from "../../base/errors.js";
import type { AgentRef } from "../../domain/agents/agent.js";
import { parseRoutes } from "../../domain/egress/cidr.js";
import { formatMemory, parseMemory } from "../../domain/egress/memory-file.js";
import { formatRules, parseRules } from "../../domain/egress/rules-file.js";
import type { RememberedPolicy } from "../../domain/egress/memory-file.js";
import type { EgressRule } from "../../domain/egress/rules.js";
import { egressDir, type Project } from "../../domain/identity/project.js";
import { egressFolders, readIfThere, replaceIfOther } from "./egress-folders.js";

/** Egress below the project's state directory, where no agent writes. */
export function createEgressStore(project: Project): EgressStore {
  const memoryFile = path.join(egressDir(project), "policy.json");
  const rulesFile = path.join(egressDir(project), "rules.json");
  const policies = path.join(egressDir(project), "policies");
  const sealFile = (agent: AgentRef) => path.join(egressDir(project), "sealed", agent.name);
  const loadMemory = async () => parseMemory((await readIfThere(memoryFile)) ?? "");
  const saveMemory = (memory: RememberedPolicy) => replaceIfOther(memoryFile, formatMemory(memory));
  const saveRules = (rules: readonly EgressRule[]) => replaceIfOther(rulesFile, formatRules(rules));
  const loadRules = async () => {
    const text = await readIfThere(rulesFile);
    const parsed = text === undefined ? { ok: true as const, rules: [] } : parseRules(text);
    if (parsed.ok) return parsed.rules;
    throw new DevkitError("E_EGRESS_RULES", `${rulesFile} cannot be read: ${parsed.problem}`, {
      hint: `look at it, or start without rules: mv ${rulesFile} ${rulesFile}.broken`,
    });
  };
  return {
    routes: async () => parseRoutes(await readFile("/proc/net/route", "utf8").catch(() => "")),
    addresses: () =>
      Object.values(networkInterfaces())
        .flatMap((all) => all ?? [])
        .filter(({ internal, address }) => !internal && !/^fe80:/i.test(address))
        .map(({ address }) => address.replace(/%.*$/, "")),
    loadMemory,
    saveMemory,
    loadRules,
    saveRules,
    ...egressFolders,
    writePolicy: (directory, text) => replaceIfOther(path.join(directory, "egress.txt"), text),
    loadSeal: async (agent) => (await readIfThere(sealFile(agent)))?.trim(),
    saveSeal: (agent, seal) => replaceIfOther(sealFile(agent), `${seal}\n`),
    listOwners: () => readdir(path.join(egressDir(project), "agents")).catch(() => []),
    async forgetAgent(agent) {
      const [memory, rules] = await Promise.all([loadMemory(), loadRules()]);
      const profiles = new Map([...memory.profiles].filter(([name]) => name !== agent.name));
      if (profiles.size < memory.profiles.size) await saveMemory({ ...memory, profiles });
      // What was denied stays so for one that comes back, or is made again, under that name.
      const others = rules.filter((rule) => rule.agent !== agent.name || rule.action === "deny");
      if (others.length < rules.length) await saveRules(others);
      await rm(path.join(policies, agent.name), { recursive: true, force: true });
      await rm(sealFile(agent), { force: true });
    },
  };
}
