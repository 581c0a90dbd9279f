import { expect, test } from "vitest";
import { judgeRace, type RacedTask } from "../../support/race/judge.js";

const doneBy = (...notes: readonly [by: string, number: number][]): RacedTask => ({
  status: "done",
  notes: notes.map(([by, number]) => ({ by, text: `claim ${String(number)}` })),
});

/** A log in which `/` ends a line, about one task that is like this at the end. */
const judge = (log: string, task: RacedTask) =>
  judgeRace(
    log
      .split(" / ")
      .map((line) => (line.split(" ").length === 2 ? `${line} - 0` : line))
      .join("\n"),
    new Map([["T", task]]),
  );

const TAKEN = "hold a T 1 / kill a / killed a / hold b T 2";
const FROZEN = "hold a T 1 / freeze a / frozen a / hold b T 2";

test.each([
  ["done at once", "hold a T 1 / finish a T 1 / done a T 1", doneBy(["a", 1]), 0],
  ["done, but nobody was told", "hold a T 1 / finish a T 1 / client a / lost a T 1", doneBy(["a", 1]), 0],
  ["begun again by the same", "hold a T 1 / hold a T 1 / finish a T 1 / done a T 1", doneBy(["a", 1]), 0],
  ["taken over", `${TAKEN} / finish b T 2 / done b T 2`, doneBy(["b", 2]), 0],
  [
    "taken over, the first one late",
    `${TAKEN} / finish a T 1 / lost a T 1 / finish b T 2`,
    doneBy(["b", 2]),
    1,
  ],
  [
    "taken over, the first one frozen",
    `${FROZEN} / finish a T 1 / lost a T 1 / finish b T 2`,
    doneBy(["b", 2]),
    1,
  ],
  [
    "taken over from one that was frozen before it could say that it has it",
    "freeze a / frozen a / hold b T 2 / hold a T 1 / finish a T 1 / lost a T 1 / finish b T 2 / done b T 2",
    doneBy(["b", 2]),
    1,
  ],
  [
    "kept, though frozen",
    "hold a T 1 / freeze a / frozen a / finish a T 1 / done a T 1",
    doneBy(["a", 1]),
    0,
  ],
])("a task is %s", (_, log, task, fenced) => {
  expect(judge(log, task)).toMatchObject({ violations: [], fenced });
});

test.each([
  ["two have it", "hold a T 1 / hold b T 2 / finish b T 2 / done b T 2", "b has T (2) while a works on it"],
  ["two have the same claim", "hold a T 1 / finish a T 1 / hold b T 1", "b has T (1) after a (1)"],
  [
    "two have it, and one was killed before",
    "kill a / killed a / hold a T 1 / hold b T 2",
    "b has T (2) while a works on it",
  ],
  [
    "two have it, and one was frozen before",
    "freeze a / frozen a / lost a X 1 / hold a T 1 / hold b T 2",
    "b has T (2) while a works on it",
  ],
  ["a number goes back", "hold a T 2 / finish a T 2 / hold b T 1", "b has T (1) after a (2)"],
  [
    "it is begun again",
    "hold a T 1 / finish a T 1 / done a T 1 / hold b T 2",
    "b has T (2) after it was done",
  ],
  ["two are told that they did it", `${TAKEN} / done b T 2 / done a T 1`, "a has done T (1) after b"],
  [
    "the late one is believed",
    `${FROZEN} / finish a T 1 / done a T 1`,
    "a has done T (1), which it had lost",
  ],
  [
    "it is taken from one that lives",
    "hold a T 1 / finish a T 1 / lost a T 1",
    "a T 1: taken from an agent that lives",
  ],
  [
    "it is taken from one that came back",
    "hold a T 1 / kill a / killed a / hold a T 1 / lost a T 1",
    "a T 1: taken from an agent that lives",
  ],
  ["a client ends in its own way", "exit-70 a", "a - 0: exit-70"],
])("seen: %s", (_, log, violation) => {
  expect(judge(log, doneBy(["b", 2])).violations).toContain(violation);
});

test.each([
  ["not done", { status: "in_progress", claim: {}, notes: [] }, "T is in_progress at the end"],
  ["done and claimed", { ...doneBy(["a", 1]), claim: {} }, "T is claimed at the end"],
  ["done twice", doneBy(["a", 1], ["a", 1]), "T was done 2 times"],
  ["done by another", doneBy(["b", 2]), "T was not done by the one who had it last"],
  ["done by another than was told", doneBy(["b", 2]), "T: what a has done is gone"],
])("seen in the pool: %s", (_, task, violation) => {
  expect(judge("hold a T 1 / finish a T 1 / done a T 1", task).violations).toContain(violation);
});
