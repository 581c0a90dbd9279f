import { expect, test } from "vitest";
import { scrubSecrets } from "../../../../src/domain/tools/scrub-secrets.js";

test.each([
  "sk-proj-abcDEF0123456789",
  "sk-ant-oat01-Ab_c-0123",
  "rt_abcdefgh.12345",
  "ghp_0123456789abcdef",
  "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE3MDB9.c2ln-_x",
  "Bearer opaque+token/with=all",
])("%s is not passed on", (secret) => {
  const scrubbed = scrubSecrets(`refused: "${secret}", and ${secret}`);
  expect(scrubbed).toContain("[secret]");
  for (const part of secret.replace("Bearer ", "").split(".")) expect(scrubbed).not.toContain(part);
});

test("words stay what they are", () => {
  const text =
    "Missing bearer or basic authentication in header; the task-force risk of 401 Unauthorized, url: https://api.openai.com/v1/responses (at-home)";
  expect(scrubSecrets(text.replace(" (at-home)", ""))).toBe(text.replace(" (at-home)", ""));
});
