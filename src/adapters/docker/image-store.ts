import type Docker from "dockerode";
import type { Engine } from "../../app/ports-engine.js";
import type { BuiltImage, ImageStore } from "../../app/ports-images.js";
import { LABELS } from "../../domain/identity/names.js";
import { statusOf, withEngineErrors } from "./errors.js";
import { buildImage, findImage, pullImage } from "./images.js";

const KIND = "dev.devkit.image";
const BASE = "dev.devkit.base";

/** The engine's images: those it has, and those it is to make. */
export function createDockerImages(
  docker: Docker,
): ImageStore & Pick<Engine, "findImage" | "pullImage" | "buildImage"> {
  return {
    findImage: (reference) => findImage(docker, reference),
    pullImage: (reference, onProgress, signal) => pullImage(docker, reference, onProgress, signal),
    buildImage: (build, onProgress, signal) => buildImage(docker, build, onProgress, signal),
    async listImages() {
      const found = await withEngineErrors("list images", () =>
        docker.listImages({ filters: { label: [KIND] } }),
      );
      const images = found.map((info): BuiltImage => ({
        id: info.Id,
        references: (info.RepoTags ?? [])
          .filter((one) => one !== "<none>:<none>")
          // Podman writes names out in full.
          .map((one) => one.replace(/^docker\.io\/(library\/)?/, ""))
          .sort(),
        kind: info.Labels[KIND] ?? "",
        base: info.Labels[BASE],
        sizeBytes: info.Size,
        createdAt: new Date(info.Created * 1000),
      }));
      return images.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
    },
    async listImageUsers() {
      const found = await withEngineErrors("list containers", () => docker.listContainers({ all: true }));
      return found.map((info) => ({
        imageId: info.ImageID,
        container: info.Names[0]?.replace(/^\//, "") ?? info.Id,
        agentName: info.Labels[LABELS.agent],
        root: info.Labels[LABELS.root],
      }));
    },
    async removeImage({ id, references }) {
      // Tag by tag: by its id the engine removes only an image that has one tag at most.
      for (const reference of references.length === 0 ? [id] : references) {
        if (!(await remove(docker, reference))) return false;
      }
      return true;
    },
  };
}

async function remove(docker: Docker, reference: string): Promise<boolean> {
  return withEngineErrors(`remove the image ${reference}`, async () => {
    try {
      await docker.getImage(reference).remove();
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return true;
      // A container was made from it meanwhile, or another image is built on it.
      if (statusOf(error) === 409) return false;
      throw error;
    }
  });
}
