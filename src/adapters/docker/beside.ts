import type Docker from "dockerode";
import type { BesideRequest, SealRequest } from "../../app/ports-engine.js";
import { DevkitError } from "../../base/errors.js";
import { withEngineErrors } from "./errors.js";
import { makeHelper } from "./make-helper.js";
import { readLogs } from "./logs.js";

const MIB = 1024 ** 2;
const LIMITS: Docker.HostConfig = { Memory: 128 * MIB, MemorySwap: 128 * MIB, PidsLimit: 32 };

/** A container that waits in another one's network and has nothing else; it removes itself. */
export function besideOptions(
  neighbourId: string,
  { image, user, labels }: BesideRequest,
  seconds: number,
): Docker.ContainerCreateOptions {
  return {
    Image: image,
    User: user,
    WorkingDir: "/",
    Entrypoint: ["/bin/sleep", String(seconds)],
    Cmd: [],
    Labels: { ...labels },
    HostConfig: {
      ...LIMITS,
      // Its resolv.conf and hosts come with it.
      NetworkMode: `container:${neighbourId}`,
      AutoRemove: true,
      Init: true,
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
    },
  };
}

/** A container of its own for the length of one nft: the right to change a network must not outlive it. */
export async function sealNetwork(docker: Docker, id: string, request: SealRequest): Promise<void> {
  const options = besideOptions(id, { ...request, user: "0:0", argv: [] }, 0);
  const helper = await makeHelper(docker, {
    ...options,
    Entrypoint: ["nft", request.rules],
    HostConfig: { ...options.HostConfig, CapAdd: ["NET_ADMIN"], AutoRemove: false, Init: false },
  });
  try {
    const exitCode = await withEngineErrors("seal an agent's network", async () => {
      await helper.start();
      return ((await helper.wait()) as { StatusCode: number }).StatusCode;
    });
    if (exitCode !== 0) throw refused(await lastLine(docker, helper.id));
  } finally {
    await helper.remove({ force: true, v: true }).catch(() => undefined);
  }
}

function refused(said: string): DevkitError {
  return new DevkitError("E_EGRESS", `its network cannot be sealed: ${said}`, {
    hint: "the kernel needs nf_tables: sudo modprobe nf_tables",
  });
}

async function lastLine(docker: Docker, id: string): Promise<string> {
  let last = "nft does not say why";
  const { signal } = new AbortController();
  for await (const line of readLogs(docker, id, { follow: false, tail: 1, signal })) {
    last = line.slice(line.indexOf(" ") + 1);
  }
  return last;
}
