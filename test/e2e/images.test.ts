import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSandbox, type Sandbox } from "../support/sandbox.js";

let box: Sandbox;
/** The image without any settings: a Dockerfile on top of it needs no package and no Node again. */
let plain: string;

const write = async (file: string, text: string) => {
  await mkdir(path.dirname(path.join(box.repo, file)), { recursive: true });
  await writeFile(path.join(box.repo, file), text);
};

const configure = (extra = "") =>
  write(
    "devkit.toml",
    `[image]
dockerfile = ${JSON.stringify(path.join(box.repo, "docker/Dockerfile"))}
context = ${JSON.stringify(box.repo)}
args = { FROM_IMAGE = "${plain}", VARIANT = "blue" }
target = "dev"
npm = ["semver@7.7.1"]
${extra}`,
  );

const referenceOf = async () => {
  const built = await box.json("image", "build");
  expect(built).toMatchObject({ ok: true });
  return (built.data as { reference: string }).reference;
};

const inside = async (...words: string[]) => (await box.devkit("exec", "1", "--", ...words)).stdout.trim();

const imageCause = async () =>
  ((await box.json("agent", "up", "1", "--dry-run")).data as { imageCause: string | null }).imageCause;

interface Listed {
  references: string[];
  base: string | null;
  wanted: boolean;
  removed?: boolean;
  reason?: string;
  users: { agent: string | null; project: string | null }[];
}

const imagesOf = async (...words: string[]) =>
  ((await box.json("image", ...words)).data as { images: Listed[] }).images;

beforeAll(async () => {
  box = await createSandbox();
  await box.setIdentity();
  plain = await referenceOf();
  await write(
    "docker/Dockerfile",
    `ARG FROM_IMAGE
FROM \${FROM_IMAGE} AS dev
ENV NODE_VERSION=24.0.0
ARG VARIANT
COPY . /ctx/
RUN echo "$VARIANT" >/etc/variant && rm -f /usr/local/bin/semver
FROM dev AS prod
RUN exit 3
`,
  );
  await write(".dockerignore", "*.key\n**/*.log\n");
  for (const file of ["own.key", "src/a.log"]) await write(file, "secret");
  await configure();
});

afterAll(() => box.remove());

describe("agents on the image of the repository's own Dockerfile", () => {
  test("a dry run says that it has to be built, and builds nothing", async () => {
    expect(await imageCause()).toContain(path.join(box.repo, "docker/Dockerfile"));
    expect((await imagesOf("list")).filter(({ wanted }) => wanted).map(({ base }) => base)).not.toContain(
      plain,
    );
  });

  test("have the same image, whichever of two devkits at the same time builds it", async () => {
    const builds = await Promise.all([1, 2].map(() => box.json("image", "build")));
    expect(builds[0]).toMatchObject({ ok: true });
    expect(builds[1]?.data).toEqual(builds[0]?.data);
  });

  test("have what its stage makes with its arguments, and not what .dockerignore leaves out", async () => {
    expect(await box.devkit("agent", "up", "1")).toMatchObject({ exitCode: 0 });
    expect(await inside("cat", "/etc/variant")).toBe("blue");
    const files = (await inside("find", "/ctx", "-type", "f", "-printf", "%P\\n")).split("\n").sort();
    expect(files).toEqual([
      ".dockerignore",
      "README.md",
      "devkit.toml",
      "docker/Dockerfile",
      "src/app.js",
      "src/lib/util.js",
    ]);
    expect(await inside("git", "--version")).toContain("git version");
  });

  test("have the programs of npm packages", async () => {
    expect(await inside("semver", "1.2.3", "-i", "minor")).toBe("1.3.0");
  });

  test("unchanged, come up again without a build; with a changed file it is said why they are replaced", async () => {
    const again = await box.devkit("agent", "up", "1");
    expect(again.stderr).not.toContain("building");
    await write("src/app.js", "console.log(2);\n");
    expect(await imageCause()).toContain("has changed");
    await write("src/app.js", "console.log(1);\n");
    expect((await box.json("agent", "up", "1", "--dry-run")).data).toMatchObject({
      imageCause: null,
      operations: [],
    });
  });

  test("bring their commits home while they are stopped and their image would have to be built first", async () => {
    await inside("git", "commit", "-q", "--allow-empty", "-m", "left behind");
    const [container] = await box.containers();
    await execa("docker", ["stop", "-t", "1", container?.id ?? ""]);
    await write("src/app.js", "console.log(3);\n");
    expect(await box.devkit("agent", "sync", "1")).toMatchObject({ exitCode: 0 });
    expect(await box.git("log", "-1", "--format=%s", "agent/agent-1/idle")).toBe("left behind");
    await write("src/app.js", "console.log(1);\n");
  });

  test("are listed with what they are built on, and used or wanted images are not pruned", async () => {
    const reference = await referenceOf();
    const listed = (await imagesOf("list")).find(({ references }) => references.includes(reference));
    expect(listed?.base).toMatch(/^devkit-base:/);
    expect(listed?.users).toEqual([expect.objectContaining({ agent: "agent-1", project: box.repo })]);

    const base = listed?.base ?? "";
    const prune = async () => {
      const images = await imagesOf("prune", "--apply", reference, base);
      return images.map(({ removed, reason }) => `${removed === true ? "removed" : "kept"}: ${reason ?? ""}`);
    };
    await write("devkit.toml", "");
    expect(await prune()).toEqual([
      `kept: is used by agent-1 of ${box.repo}`,
      `kept: is what ${reference} is built on`,
    ]);
    expect(await box.devkit("agent", "kill", "1", "--force")).toMatchObject({ exitCode: 0 });
    await configure();
    expect((await prune())[0]).toBe("kept: is what the settings of this project ask for");
    await write("devkit.toml", "");
    expect(await prune()).toEqual(["removed: is used by no container", "removed: is used by no container"]);
    expect((await imagesOf("list")).flatMap(({ references }) => references)).not.toContain(reference);
  });
});

test("a Dockerfile that fails is named, with the end of the log", async () => {
  await configure();
  const text = `[image]\ndockerfile = ${JSON.stringify(path.join(box.repo, "bad/Dockerfile"))}\nargs = { FROM_IMAGE = "${plain}" }\n`;
  await write("devkit.toml", text);
  await write("bad/Dockerfile", "ARG FROM_IMAGE\nFROM ${FROM_IMAGE}\nRUN echo nearly there && exit 3\n");
  const failed = await box.json("agent", "up", "1");
  expect(failed.error).toMatchObject({ code: "E_IMAGE_BUILD", exitCode: 1 });
  expect(failed.error?.message).toContain(`building ${path.join(box.repo, "bad/Dockerfile")} failed`);
  expect(failed.error?.details["excerpt"]).toContain("nearly there");
});
