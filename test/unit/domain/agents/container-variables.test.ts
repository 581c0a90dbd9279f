import { expect, test } from "vitest";
import { fillContainerEnv } from "../../../../src/domain/agents/container-variables.js";

const IMAGE = ["PATH=/usr/local/bin:/usr/bin", "EMPTY=", "URL=a=b"];

test("a variable of the container can name one of its image, itself above all", () => {
  expect(fillContainerEnv({ PATH: "${containerEnv:PATH}:/x", URL2: "<${containerEnv:URL}>" }, IMAGE)).toEqual(
    {
      PATH: "/usr/local/bin:/usr/bin:/x",
      URL2: "<a=b>",
    },
  );
});

test("another of the container's own wins over the image's", () => {
  const env = { A: "${containerEnv:URL}", URL: "mine", B: "${containerEnv:A}!" };
  expect(fillContainerEnv(env, IMAGE)).toEqual({ A: "mine", URL: "mine", B: "mine!" });
});

test("what nobody has is its default, or empty", () => {
  const env = { A: "${containerEnv:NOPE:/a:b}", B: "[${containerEnv:NOPE}]", C: "[${containerEnv:EMPTY:x}]" };
  expect(fillContainerEnv(env, IMAGE)).toEqual({ A: "/a:b", B: "[]", C: "[]" });
});

test("variables that name each other come to an end", () => {
  const env = { A: "a${containerEnv:B}", B: "b${containerEnv:A}" };
  expect(fillContainerEnv(env, [])).toEqual({ A: "ab", B: "ba" });
});

test("what inherited names could stand for is nothing", () => {
  expect(fillContainerEnv({ A: "[${containerEnv:constructor}]", B: "${HOME} $A" }, [])).toEqual({
    A: "[]",
    B: "${HOME} $A",
  });
});

test("an image without a PATH has the engine's", () => {
  expect(fillContainerEnv({ PATH: "${containerEnv:PATH}:/x" }, [])["PATH"]).toMatch(/:\/usr\/bin:.*:\/x$/);
});
