import type { Ora } from "ora";
import type { Paint } from "./paint.js";
import type { Step } from "./reporter.js";
import { safeLines } from "./safe-lines.js";

export interface ProgressSink {
  step(name: string | undefined, text: string): Step;
  /** A line of its own, above the spinner. */
  line(text: string): void;
  close(): void;
}

export interface ProgressOptions {
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly verbose: boolean;
  readonly paint: Paint;
}

/** One line for every finished step; on a terminal also a spinner that says what is going on. */
export function createProgressSink(options: ProgressOptions): ProgressSink {
  const { stderr, paint } = options;
  const active = new Map<symbol, string>();
  const spinner = stderr.isTTY === true ? createSpinner(options) : undefined;
  const line = (text: string) => {
    spinner?.clear();
    stderr.write(`${text}\n`);
  };
  const show = () => {
    spinner?.show([...active.values()]);
  };
  return {
    line,
    close: () => spinner?.stop(),
    step(name, text) {
      const key = Symbol(text);
      const label = name === undefined ? "" : `${name}: `;
      const end = (mark: string, said: string) => {
        active.delete(key);
        line(`${mark} ${label}${safeLines(said)}`);
        show();
      };
      active.set(key, `${label}${safeLines(text)}`);
      if (name === undefined && spinner === undefined) line(`${safeLines(text)} …`);
      show();
      return {
        update(said) {
          active.set(key, `${label}${crop(said)}`);
          if (spinner !== undefined) show();
          // Without a spinner a long build would look dead; the engine numbers its steps.
          else if (options.verbose || (name === undefined && /^Step \d+\//.test(said)))
            line(`  ${label}${crop(said)}`);
        },
        done: (said) => {
          end(paint("green", "✓"), said ?? text);
        },
        fail: (said) => {
          end(paint("red", "✗"), said);
        },
      };
    },
  };
}

interface Spinner {
  show(lines: readonly string[]): void;
  clear(): void;
  stop(): void;
}

/** ora, imported when there is first something to spin for: it costs 80 ms. */
function createSpinner({ stderr }: ProgressOptions): Spinner {
  let spinner: Ora | undefined;
  let wanted = "";
  let isLoading = false;
  const load = async () => {
    isLoading = true;
    const { default: ora } = await import("ora");
    if (wanted !== "") spinner = ora({ stream: stderr, text: wanted, discardStdin: false }).start();
    isLoading = false;
  };
  return {
    show(lines) {
      const [first = ""] = lines;
      wanted = lines.length > 1 ? `${first} (and ${String(lines.length - 1)} more)` : first;
      if (wanted === "") {
        spinner?.stop();
        spinner = undefined;
      } else if (spinner !== undefined) spinner.text = wanted;
      else if (!isLoading) void load();
    },
    clear: () => spinner?.clear(),
    stop() {
      wanted = "";
      spinner?.stop();
      spinner = undefined;
    },
  };
}

/** The engine echoes whole build steps. */
function crop(text: string): string {
  const safe = safeLines(text);
  return safe.length > 100 ? `${safe.slice(0, 99)}…` : safe;
}
