import { execa } from "execa";
import type { FaultEngine } from "./world.js";

/** The engine of this machine, which others use, too: nothing but what devkit makes in it may be killed. */
export function useMachineEngine(): FaultEngine {
  return {
    host: undefined,
    kill: (pid) => void process.kill(pid, "SIGKILL"),
    killItself: undefined,
    docker: async (...args) => (await execa("docker", args, { stdin: "ignore" })).stdout,
  };
}
