import type { Progress } from "../app/ports.js";
import type { EndpointReply, EndpointRequest } from "./frames.js";

/** One command of one agent, while it runs. */
export interface Call {
  readonly agent: string;
  readonly request: EndpointRequest;
  /** What the client is to write; commands add to it. */
  readonly write: { -readonly [K in keyof EndpointReply["write"]]: EndpointReply["write"][K] };
  readonly progress: Pick<Progress, "warn">;
}
