import type { AgentChange, WatchRequest } from "../../../app/activity/watch-agents.js";
import type { Shutdown } from "../../../base/shutdown.js";
import type { Reporter } from "../../../output/reporter.js";
import { changeData, changeLine, redraw, watchTable } from "../../../output/views/watch.js";
import type { StreamedResult } from "../../command.js";
import type { Deps } from "../../deps.js";
import { untilInterrupted } from "../../follow.js";

/** `agent list --watch`: a table that is drawn anew on a terminal, a line for each change elsewhere, until Ctrl-C. */
export async function watchList(deps: Deps, reporter: Reporter, shutdown: Shutdown): Promise<StreamedResult> {
  const { watchAgents } = await import("../../../app/activity/watch-agents.js");
  const [project, tasks, activity] = await Promise.all([deps.projectDeps(), deps.tasks(), deps.activity()]);
  let drawn = 0;
  const progress = {
    warn(text: string) {
      // It stands below the table, which is drawn again below it.
      drawn = 0;
      reporter.warn(text);
    },
  };
  const { stdout } = process;
  const show: WatchRequest["onChanges"] = (changes, all) => {
    if (reporter.json || !stdout.isTTY) {
      for (const one of changes) reporter.item(changeData(one), () => changeLine(one));
      return;
    }
    const table = watchTable(all);
    reporter.item(undefined, () => redraw(table, drawn, stdout.columns));
    drawn = table.split("\n").length;
  };
  await untilInterrupted(shutdown, async (signal) => {
    const notify = await findNotifier(deps, { projectId: project.project.id, progress, signal });
    const onChanges: typeof show = (changes, all) => {
      show(changes, all);
      notify?.(changes);
    };
    await watchAgents({ ...project, tasks, activity, progress }, { onChanges, signal });
  });
  return { streamedExitCode: 0 };
}

/** Undefined: there is no command, or nobody has approved it. */
async function findNotifier(
  deps: Deps,
  rest: {
    readonly projectId: string;
    readonly progress: { warn(text: string): void };
    readonly signal: AbortSignal;
  },
): Promise<((changes: readonly AgentChange[]) => void) | undefined> {
  const config = await deps.config();
  const command = config.settings.agent.notify;
  if (command === undefined) return undefined;
  const [{ loadTrust }, { createNotifier }, host] = await Promise.all([
    import("../../../app/hooks/host-hooks.js"),
    import("../../../app/activity/notify-changes.js"),
    deps.hostHooks(config),
  ]);
  const { trusted } = await loadTrust(host);
  if (trusted) return createNotifier({ ...rest, command, runCommand: host.runCommand });
  rest.progress.warn("nobody has approved the command of [agent] notify, so it is not run: devkit trust");
  return undefined;
}
