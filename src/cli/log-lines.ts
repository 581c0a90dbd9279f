import { withoutControls } from "../base/controls.js";
import type { Shutdown } from "../base/shutdown.js";
import type { Reporter } from "../output/reporter.js";
import type { CommandResult, StreamedResult } from "./command.js";
import { untilInterrupted } from "./follow.js";

interface LogRequest<L> {
  readonly reporter: Reporter;
  readonly shutdown: Shutdown;
  readonly follow: boolean;
  /** Whose line it is. */
  readonly source: (line: L) => string;
  readonly read: (signal: AbortSignal, onLine: (line: L) => void) => Promise<void>;
}

/** The lines of containers' logs: all at once as the answer, or one by one as they come. */
export async function showLogs<L extends { readonly time: string; readonly text: string }>(
  request: LogRequest<L>,
): Promise<CommandResult | StreamedResult> {
  const { reporter, shutdown, read } = request;
  const show = (line: L) => `${request.source(line)}  ${line.time}  ${withoutControls(line.text)}`;
  if (request.follow) {
    await untilInterrupted(shutdown, (signal) =>
      read(signal, (line) => {
        reporter.item(line, () => show(line));
      }),
    );
    return { streamedExitCode: 0 };
  }
  const lines: L[] = [];
  await read(new AbortController().signal, (line) => lines.push(line));
  return { data: { lines }, human: () => lines.map(show).join("\n") };
}
