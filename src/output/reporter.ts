import type { DevkitError } from "../base/errors.js";
import { RUNNER_COMMAND } from "../base/show-text.js";
import type { AgentRef } from "../domain/agents/agent.js";
import { formatFailure, toErrorDocument } from "./failure.js";
import { createPaint, type Paint } from "./paint.js";
import { createProgressSink, type ProgressSink } from "./progress.js";
import { safeLines } from "./safe-lines.js";

/** Version of the JSON documents; a change that breaks readers raises it. */
const JSON_VERSION = 1;

export interface ReporterOptions {
  readonly json: boolean;
  /** Whether the narration is coloured, and whether the answer is. */
  readonly color: boolean;
  readonly answerColor?: boolean;
  readonly verbose: boolean;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

export interface Step {
  update(text: string): void;
  done(text?: string): void;
  fail(text: string): void;
}

/** The only writer of devkit's own output: stdout is the answer, stderr the narration. */
export interface Reporter {
  readonly json: boolean;
  /** For the answer; the narration is painted here. */
  readonly paint: Paint;
  step(agent: AgentRef | undefined, text: string): Step;
  warn(text: string): void;
  /** The command's answer: one JSON document, or text for people. */
  answer(command: string, data: unknown, human: () => string): void;
  /** The one document of a failed command, or its message and hint on stderr. */
  failure(command: string, error: DevkitError): void;
  /** One item of a stream: a JSON line, or text for people. */
  item(data: unknown, human: () => string): void;
  /** Stops the spinner, so that something else may use the terminal. */
  close(): void;
}

export function createReporter(options: ReporterOptions): Reporter {
  const { json, stdout, stderr } = options;
  const paint = createPaint(options.color);
  const warnings: string[] = [];
  const progress: ProgressSink = createProgressSink({ ...options, paint });
  const print = (value: unknown) => {
    // The same document, in which a CI that reads what is printed finds no command.
    stdout.write(`${JSON.stringify(value).replaceAll(RUNNER_COMMAND, "\\u0023")}\n`);
  };
  return {
    json,
    paint: createPaint(options.answerColor === true),
    step: (agent, text) => progress.step(agent?.name, text),
    warn(text) {
      warnings.push(text);
      progress.line(`${paint("yellow", "warning:")} ${safeLines(text)}`);
    },
    answer(command, data, human) {
      progress.close();
      if (json) {
        print({ ok: true, command, version: JSON_VERSION, data, warnings });
        return;
      }
      const text = human();
      if (text !== "") stdout.write(text.endsWith("\n") ? text : `${text}\n`);
    },
    failure(command, error) {
      progress.close();
      if (json) print({ ok: false, command, version: JSON_VERSION, error: toErrorDocument(error), warnings });
      else stderr.write(formatFailure(error, paint, options.verbose));
    },
    item(data, human) {
      if (json) print(data);
      else stdout.write(`${human()}\n`);
    },
    close: () => {
      progress.close();
    },
  };
}
