import { describe, expect, test } from "vitest";
import {
  engineMessage,
  statusOf,
  translateEngineError,
  withEngineErrors,
} from "../../../../src/adapters/docker/errors.js";
import { DevkitError, isDevkitError } from "../../../../src/base/errors.js";
import { errorOf } from "../../support/temp.js";

/** What dockerode throws: a status, its own `reason`, and the engine's own words in `json`. */
const engineError = (statusCode: number, message: string) =>
  Object.assign(new Error(`(HTTP code ${String(statusCode)}) reason - ${message} `), {
    statusCode,
    reason: "no such container",
    json: { message: `${message}\n` },
  });

const systemError = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

const translated = (error: unknown) => {
  const result = translateEngineError(error, "start the container");
  return isDevkitError(result) ? result : undefined;
};

describe("an engine that cannot be reached", () => {
  test.each(["ENOENT", "ECONNREFUSED", "ENOTSOCK", "ENOTFOUND", "EHOSTUNREACH"])(
    "%s: none answers",
    (code) => {
      expect(translated(systemError(code))).toMatchObject({ code: "E_ENGINE_UNAVAILABLE", exitCode: 3 });
      expect(translated(systemError(code))?.hint).toContain("DOCKER_HOST");
    },
  );

  test.each(["ECONNRESET", "EPIPE"])("%s: it hung up, which may pass", (code) => {
    expect(translated(systemError(code))).toMatchObject({ code: "E_ENGINE_UNAVAILABLE" });
    expect(translated(systemError(code))?.message).toContain("hung up");
  });

  test.each(["EACCES", "EPERM"])("%s: this user may not", (code) => {
    expect(translated(systemError(code))).toMatchObject({ code: "E_ENGINE_PERMISSION", exitCode: 3 });
  });
});

describe("an engine that refuses", () => {
  test("in the engine's own words, with what was being done", () => {
    expect(translated(engineError(500, "driver failed"))).toMatchObject({
      code: "E_ENGINE",
      message: "cannot start the container: driver failed",
      details: { status: 500 },
    });
  });

  test("because its disk is full", () => {
    expect(translated(engineError(500, "write /var: no space left on device"))).toMatchObject({
      code: "E_DISK_FULL",
    });
  });

  test("without a message of its own", () => {
    const error = Object.assign(new Error("plain words "), { statusCode: 500, json: Buffer.from("x") });
    expect(engineMessage(error)).toBe("plain words");
    expect(engineMessage("a string")).toBe("a string");
  });
});

test("what is ours already, and what is a defect, pass unchanged", async () => {
  const ours = new DevkitError("E_AGENT_BUSY", "x");
  expect(translateEngineError(ours, "x")).toBe(ours);
  const defect = new TypeError("x is undefined");
  expect(translateEngineError(defect, "x")).toBe(defect);
  await expect(withEngineErrors("x", () => Promise.reject(defect))).rejects.toBe(defect);
  const error = await errorOf(withEngineErrors("x", () => Promise.reject(engineError(409, "busy"))));
  expect(error.code).toBe("E_ENGINE");
});

test("an aborted call ends with the reason of the abort", () => {
  const reason = new DevkitError("E_INTERRUPTED", "interrupted");
  const error = Object.assign(new Error("aborted", { cause: reason }), { name: "AbortError" });
  expect(translateEngineError(error, "x")).toBe(reason);
});

test("the status comes from the number alone", () => {
  expect(statusOf(engineError(404, "x"))).toBe(404);
  expect(statusOf(Object.assign(new Error("x"), { statusCode: "404" }))).toBeUndefined();
  expect(statusOf({ statusCode: 404 })).toBeUndefined();
});
