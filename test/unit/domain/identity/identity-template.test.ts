import { describe, expect, it } from "vitest";
import { fillIdentity, isIdentityTemplate } from "../../../../src/domain/identity/identity-template.js";

const values = { name: "Tess Ter", email: "tess@example.com", agent: "agent-2", index: 2 };

describe("a template of who commits", () => {
  it.each([
    ["{name} ({agent}) <{email}>", { name: "Tess Ter (agent-2)", email: "tess@example.com" }],
    ["bot {index}  <bot+{index}@example.com>", { name: "bot 2", email: "bot+2@example.com" }],
    ["Ünï <a@b>", { name: "Ünï", email: "a@b" }],
  ])("%s", (template, filled) => {
    expect(isIdentityTemplate(template)).toBe(true);
    expect(fillIdentity(template, values)).toEqual(filled);
  });

  it.each(["", "{name}", "<{email}>", "{who} <a@b>", "a <b> <c>", "a\n <b>", "a <b c>", "a <b> c"])(
    "is refused: %j",
    (template) => {
      expect(isIdentityTemplate(template)).toBe(false);
    },
  );

  it("takes nothing from a name that would end the line or the name", () => {
    expect(fillIdentity("{name} <{email}>", { ...values, name: "a<b>\nc" }).name).toBe("abc");
  });
});
