import { expect, test } from "vitest";
import { claudeLogin } from "../../../../src/domain/identity/kept-logins.js";

test("what an agent made too deep to be written is left", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  expect(claudeLogin(`{"oauthAccount":${deep}}`)).toBeUndefined();
  expect(claudeLogin(`{"userID":"u","other":${deep}}`)).toBe('{\n  "userID": "u"\n}\n');
});
