/** Why a turn failed, as far as the program's own words tell. */
export type TurnFault =
  | "missing"
  | "no-login"
  | "expired"
  | "revoked"
  | "refused"
  | "limit"
  | "server"
  | "denied"
  | "authority"
  | "unreachable"
  | "silent"
  | "other";

/** What a program made of one question to its model. */
export interface Turn {
  readonly answered: boolean;
  /** Undefined where the program does not say. */
  readonly model: string | undefined;
  /** Undefined: none yet, or it answered. */
  readonly fault: TurnFault | undefined;
  /** The words that tell the fault, as they were printed. */
  readonly said: string | undefined;
  /** False: it certainly did not come as far as asking its model. */
  readonly asked: boolean;
}

/** What the same question will meet again however often it is asked: waiting for more attempts is of no use. */
const LASTING: readonly (TurnFault | undefined)[] = [
  "no-login",
  "expired",
  "revoked",
  "refused",
  "denied",
  "authority",
];

export function isLasting({ answered, fault }: Pick<Turn, "answered" | "fault">): boolean {
  return !answered && LASTING.includes(fault);
}

/** How a program's words tell a fault. */
export type FaultWords = readonly (readonly [RegExp, TurnFault])[];

/** The first fault in the order of the table that any of the messages tells, in the words of the last that does. */
export function faultIn(
  messages: readonly string[],
  words: FaultWords,
): { readonly fault: TurnFault; readonly said: string } | undefined {
  for (const [pattern, fault] of words) {
    const said = messages.findLast((message) => pattern.test(message));
    if (said !== undefined) return { fault, said };
  }
  return undefined;
}

/** The lines of an output that are JSON objects. */
export function jsonLines(output: string): Record<string, unknown>[] {
  return output.split("\n").flatMap((line) => {
    if (!line.startsWith("{")) return [];
    try {
      return [JSON.parse(line) as Record<string, unknown>];
    } catch {
      // Cut off, or no JSON after all.
      return [];
    }
  });
}
