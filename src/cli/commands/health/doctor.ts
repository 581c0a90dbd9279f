import type { Check, Looking } from "../../../app/health/check.js";
import type { Finding } from "../../../domain/health/finding.js";
import { findingsText, repairData } from "../../../output/views/health.js";
import { defineCommand, flag, text } from "../../command.js";
import { connectActing, connectLooking } from "../../health-ports.js";

export const doctor = defineCommand({
  path: "doctor",
  summary: "Check everything agents need, and say how to fix what is wrong",
  description:
    "Looks at the machine, the engine, the settings and all that there is of agents, side by side, and changes nothing. " +
    "With --agent it tries inside that agent what it needs: git, its proxy and name servers, its caches, its logins. " +
    "With --fix it does what agent up, devkit up, image build and repair --apply would do about what is wrong, says what, and looks again.",
  arguments: [],
  options: {
    agent: text("--agent <agent>", "try what this agent needs, inside it: index or name"),
    fix: flag("--fix", "mend what devkit can mend without losing anything, and look again"),
  },
  examples: [
    "devkit doctor",
    "devkit doctor --fix",
    "devkit doctor --agent 2",
    "devkit doctor --json | jq '.data.findings[] | select(.verdict != \"ok\")'",
  ],
  json: '{ healthy, findings: [{ check, verdict: "ok"|"warning"|"failed", found, why, fix: string|null, repair: string|null }], repaired: [{ check, action, reasons: [string], done, error: { code, message, hint: string|null }|null }] }',
  async run({ options, deps, reporter, shutdown }) {
    const [{ toFindings }, { repairAll }] = await Promise.all([
      import("../../../app/health/examine.js"),
      import("../../../app/health/repair.js"),
    ]);
    const context = { deps, reporter, shutdown };
    const look = await connectLooking(context);
    const { actions, examined } = await repairAll({
      checks: await checksFor(options.agent, look),
      look,
      apply: options.fix,
      acting: () => connectActing(context),
      ...{ progress: reporter, signal: shutdown.signal },
    });
    const findings = toFindings(examined);
    const repaired = options.fix ? actions : [];
    const healthy = findings.every(({ verdict }) => verdict !== "failed");
    return {
      data: { healthy, findings: findings.map(toData), repaired: repaired.map(repairData) },
      human: () => findingsText(findings, repaired, reporter.paint),
      exitCode: healthy ? 0 : 1,
    };
  },
});

/** @throws DevkitError E_AGENT_UNKNOWN, E_ON_HOST */
async function checksFor(agent: string | undefined, look: () => Looking): Promise<readonly Check[]> {
  if (agent === undefined) return (await import("../../../app/health/checks.js")).CHECKS;
  const { insideChecks, requireTriable } = await import("../../../app/health/check-inside.js");
  return insideChecks(await requireTriable(look(), agent));
}

function toData(finding: Finding) {
  return { ...finding, fix: finding.fix ?? null, repair: finding.repair ?? null };
}
