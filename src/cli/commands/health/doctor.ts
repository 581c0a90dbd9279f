import type { Finding } from "../../../app/health/doctor.js";
import type { Paint } from "../../../output/paint.js";
import { defineCommand } from "../../command.js";

export const doctor = defineCommand({
  path: "doctor",
  summary: "Check everything agents need, and say how to fix what is wrong",
  arguments: [],
  options: {},
  examples: ["devkit doctor", "devkit doctor --json | jq '.data.findings[] | select(.verdict != \"ok\")'"],
  json: '{ healthy, findings: [{ check, verdict: "ok"|"warning"|"failed", found, why, fix: string|null }] }',
  async run({ deps, reporter, shutdown }) {
    const { examine } = await import("../../../app/health/doctor.js");
    const findings = await examine({
      host: deps.host,
      gitVersion: () => deps.gitVersion(),
      engine: () => deps.engine(),
      projectDeps: () => deps.projectDeps(),
      settings: async () => (await deps.config()).settings,
      signal: shutdown.signal,
    });
    const healthy = findings.every(({ verdict }) => verdict !== "failed");
    return {
      data: { healthy, findings: findings.map((finding) => ({ ...finding, fix: finding.fix ?? null })) },
      human: () => findings.map((finding) => toText(finding, reporter.paint)).join("\n"),
      exitCode: healthy ? 0 : 1,
    };
  },
});

function toText({ check, verdict, found, why, fix }: Finding, paint: Paint): string {
  const mark = { ok: paint("green", "✓"), warning: paint("yellow", "!"), failed: paint("red", "✗") }[verdict];
  const line = `${mark} ${check.padEnd(14)} ${found}`;
  if (verdict === "ok") return line;
  const more = [`why: ${why}`, ...(fix === undefined ? [] : [`fix: ${fix}`])];
  return [line, ...more.map((text) => `                 ${text}`)].join("\n");
}
