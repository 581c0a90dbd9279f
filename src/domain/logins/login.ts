import type { Mark } from "./marks.js";

/** The programs whose logins devkit puts into homes. */
export const LOGIN_TOOLS = ["codex", "claude"] as const;
export type LoginTool = (typeof LOGIN_TOOLS)[number];

/** What a program keeps of who it works for. `content` is secret, and nothing else of it is. */
export interface Login {
  readonly kind: "api-key" | "chatgpt" | "oauth";
  /** Whose it is, as its token says: text for people, of printable characters. */
  readonly account: string | undefined;
  /** When its tokens were last renewed, in ms; undefined: nobody says. */
  readonly refreshed: number | undefined;
  /** When its access token ends, in ms. */
  readonly expires: number | undefined;
  /** The program gets new tokens by itself, and what it had before is then worth nothing. */
  readonly renewable: boolean;
  /** The program itself has noted that it is over. */
  readonly over: boolean;
  /** Of two that have one in common, one ends the other when it is renewed. None: it can be in any number of places. */
  readonly family: readonly Mark[];
  /** Tells two logins apart, without saying anything of either. */
  readonly identity: Mark;
  /** The file as the program reads it: the login, and nothing else that was in it. */
  readonly content: string;
}

export type ParsedLogin =
  | { readonly ok: true; readonly login: Login }
  /** Completes "… is no login of …: it …"; never says anything of what is in it. */
  | { readonly ok: false; readonly problem: string };

/** `due`: its access token has ended, and the program renews it when it is used next. `over`: somebody has to log in. */
export type LoginState = "valid" | "due" | "over";

export function loginState({ over, expires, renewable }: Login, now: Date): LoginState {
  if (over) return "over";
  if (expires === undefined || expires > now.getTime()) return "valid";
  return renewable ? "due" : "over";
}

/** Whether one was renewed after another of its family. */
export function isNewer(one: Login, other: Login): boolean {
  const age = ({ refreshed, expires }: Login) => refreshed ?? expires ?? 0;
  return age(one) > age(other);
}
