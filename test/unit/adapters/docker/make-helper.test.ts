import type Docker from "dockerode";
import { expect, test } from "vitest";
import { listLeftHelpers, makeHelper } from "../../../../src/adapters/docker/make-helper.js";
import { ownIdentity } from "../../../../src/adapters/process/process-identity.js";
import { LABELS } from "../../../../src/domain/identity/names.js";

const OWNER = "dev.devkit.owner";

/** An engine that has these containers, and what becomes of them. */
function engineWith(owners: Readonly<Record<string, string>>) {
  const removed: string[] = [];
  const made: Docker.ContainerCreateOptions[] = [];
  const asked: unknown[] = [];
  const docker = {
    listContainers(query: unknown) {
      asked.push(query);
      return Promise.resolve(
        Object.entries(owners).map(([id, owner]) => ({
          Id: id,
          Names: [`/${id}-1`],
          Labels: { [OWNER]: owner },
        })),
      );
    },
    getContainer: (id: string) => ({
      remove: () => {
        removed.push(id);
        return id === "stuck" ? Promise.reject(new Error("being removed")) : Promise.resolve();
      },
    }),
    createContainer(options: Docker.ContainerCreateOptions) {
      made.push(options);
      return Promise.resolve({ id: "new" });
    },
  };
  return { docker: docker as unknown as Docker, removed, made, asked };
}

test("a helper says who made it, and those of dead processes go: no other's, and none keeps it from being made", async () => {
  const own = await ownIdentity();
  const { docker, removed, made, asked } = engineWith({
    own: JSON.stringify(own),
    dead: JSON.stringify({ ...own, started: "0" }),
    stuck: JSON.stringify({ ...own, boot: "of before" }),
    elsewhere: JSON.stringify({ ...own, host: "another-machine", started: "0" }),
    garbage: "{",
  });
  expect(await listLeftHelpers(docker, "demo-1")).toEqual([
    { id: "dead", name: "dead-1" },
    { id: "stuck", name: "stuck-1" },
  ]);
  asked.length = 0;
  const { id } = await makeHelper(docker, { Image: "i", Labels: { [LABELS.project]: "demo-1" } });
  expect(id).toBe("new");
  expect(removed.sort()).toEqual(["dead", "stuck"]);
  const label = [`${LABELS.role}=helper`, `${LABELS.project}=demo-1`, OWNER];
  expect(asked).toEqual([{ all: true, filters: { label } }]);
  expect(made).toEqual([
    {
      Image: "i",
      Labels: { [LABELS.project]: "demo-1", [LABELS.role]: "helper", [OWNER]: JSON.stringify(own) },
    },
  ]);
});
