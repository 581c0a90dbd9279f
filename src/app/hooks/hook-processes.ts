import { createTextSink } from "../../base/text-sink.js";
import type { AgentHook } from "../../domain/hooks/agent-hooks.js";
import type { HookRun } from "../../domain/hooks/hook-record.js";
import { WARM_FILES } from "../../domain/hooks/warm-status.js";
import { CONTAINER } from "../../domain/identity/names.js";
import type { Engine } from "../ports-engine.js";

const MARK = "DEVKIT_HOOK_RUN";

/** Ends what a run that was cut off has left running; looks until nothing is left. */
const END = `
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  pids=$(grep -lsz -- "^${MARK}=$1\\$" /proc/[0-9]*/environ | cut -d/ -f3)
  [ -n "$pids" ] || exit 0
  kill -s KILL -- $pids
  sleep 0.1
done
`;

/**
 * Goes on in the background after its exec has ended: one command after the other, then the status with exit code and
 * time. Of what they say, the first MiB is kept.
 */
const BACKGROUND = `
run=$1; status=$2; log=$3; shift 3
rm -rf -- "$status" "$log"
{
  {
    code=0
    for command; do sh -c "$command" || { code=$?; break; }; done
    echo "$run $code $(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$status"
  } 2>&1 </dev/null | { head -c 1048576; cat >/dev/null; } >"$log" 2>/dev/null
} >/dev/null 2>&1 &
`;

/** The variables by which a hook's commands know what they are, and devkit knows them. */
export function hookEnv(hook: AgentHook, run: HookRun): Record<string, string> {
  return { DEVKIT_HOOK: hook, [MARK]: run.id };
}

/** Two runs of the same commands at once would get into each other's way. */
export async function endLeftovers(engine: Engine, run: HookRun): Promise<void> {
  const ignored = createTextSink(0);
  const request = { argv: ["sh", "-c", END, "devkit hook", run.id], env: {}, workdir: "/", tty: false };
  const streams = { stdin: undefined, stdout: ignored.stream, stderr: ignored.stream };
  await engine.exec(run.container, request, streams);
}

export interface BackgroundCommands {
  readonly commands: readonly string[];
  readonly workdir: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts the warm hook's commands; resolves with 0 once they go on by themselves. */
export async function startInBackground(
  engine: Engine,
  run: HookRun,
  { commands, workdir, env }: BackgroundCommands,
): Promise<number> {
  const ignored = createTextSink(0);
  const [status, log] = [WARM_FILES.status, WARM_FILES.log].map((file) => `${CONTAINER.home}/${file}`);
  const words = ["sh", "-c", BACKGROUND, "devkit hook", run.id, status ?? "", log ?? "", ...commands];
  const request = { argv: words, env: { ...env, ...hookEnv("warm", run) }, workdir, tty: false };
  const streams = { stdin: undefined, stdout: ignored.stream, stderr: ignored.stream };
  return engine.exec(run.container, request, streams);
}
