import { expect, test } from "vitest";
import { toDevkitError } from "../../../../src/base/errors.js";
import { checkText } from "../../../../src/domain/tasks/check-draft.js";

test.each(["  ", "\u001b[31mred", "x".repeat(16_385)])(
  "what is wrong with a note is told with how it has to be, not with how tasks are added",
  (text) => {
    let hint: string | undefined;
    try {
      checkText("the note", text);
    } catch (error) {
      hint = toDevkitError(error).hint;
    }
    expect(hint).toBe("write the note as text, of at most 16384 characters");
  },
);
