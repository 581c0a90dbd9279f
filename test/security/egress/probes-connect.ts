import { ADDRESSES } from "./addresses.js";
import { numberOf, type Probe } from "./plan.js";
import { allowedName as here, type ProxyTalk, type Text } from "./proxy-talk.js";

const inHex = (address: string) => `0x${numberOf(address).toString(16)}`;
const inOctal = (address: string) =>
  address
    .split(".")
    .map((part) => `0${Number(part).toString(8)}`)
    .join(".");
const inHexParts = (address: string) =>
  address
    .split(".")
    .map((part) => `0x${Number(part).toString(16)}`)
    .join(".");
const inThree = (address: string) => {
  const [a = "", b = "", ...rest] = address.split(".");
  return `${a}.${b}.${String(numberOf(`0.0.${rest.join(".")}`))}`;
};
const inTwo = (address: string) => {
  const [a = "", ...rest] = address.split(".");
  return `${a}.${String(numberOf(`0.${rest.join(".")}`))}`;
};

/** Addresses instead of names, in every way that resolvers understand. */
export function literals({ connects }: ProxyTalk): readonly Probe[] {
  const spellings: Record<string, Text> = {
    dotted: ({ address }) => address,
    decimal: ({ address }) => String(numberOf(address)),
    hexadecimal: ({ address }) => inHex(address),
    "hexadecimal parts": ({ address }) => inHexParts(address),
    octal: ({ address }) => inOctal(address),
    "three parts": ({ address }) => inThree(address),
    "two parts": ({ address }) => inTwo(address),
    IPv6: ({ address6 }) => `[${address6}]`,
    "IPv6 without brackets": ({ address6 }) => address6,
    "IPv4 in IPv6": ({ address }) => `[::ffff:${address}]`,
    "with a trailing dot": ({ address }) => `${address}.`,
    "with a user": ({ address }) => `x.allowed.test@${address}`,
  };
  const loopback = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f.1",
    "0",
    "0.0.0.0",
    "localhost",
    "[::1]",
    "[::ffff:127.0.0.1]",
  ];
  return [
    ...Object.entries(spellings).map(([id, target]) =>
      connects(`literal ${id}`, (mark) => `${target(mark)}:443`),
    ),
    ...loopback.map((name) => connects(`loopback ${name}`, () => `${name}:443`)),
    connects("literal metadata", () => `${ADDRESSES.metadata}:80`),
    connects("literal host", () => `${ADDRESSES.hostPrivate}:443`),
  ];
}

/** Allowed names elsewhere than at 443, and names that only look allowed. */
export function spellings({ connects }: ProxyTalk): readonly Probe[] {
  const targets: Record<string, Text> = {
    "port 22": (mark) => `${here(mark)}:22`,
    "port 80": (mark) => `${here(mark)}:80`,
    "port 8443": (mark) => `${here(mark)}:8443`,
    "port 65979 (443 modulo 65536)": (mark) => `${here(mark)}:65979`,
    "port 0443": (mark) => `${here(mark)}:0443`,
    "no port": here,
    "denied name": ({ token }) => `${token}.denied.test:443`,
    "denied name, upper case": ({ token }) => `${token}.DENIED.TEST:443`,
    "denied name, trailing dot": ({ token }) => `${token}.denied.test.:443`,
    "trailing dot": (mark) => `${here(mark)}.:443`,
    "below an exact name": ({ token }) => `${token}.exact.test:443`,
    "suffix without a dot": ({ token }) => `${token}allowed.test:443`,
    "suffix without a dot, exact": ({ token }) => `${token}exact.test:443`,
    "suffix with a hyphen": ({ token }) => `${token}.not-allowed.test:443`,
    "allowed name as a prefix": ({ token }) => `${token}.allowed.test.denied.test:443`,
    "allowed name as a prefix, exact": ({ token }) => `exact.test.${token}.test:443`,
    "allowed name without its end": ({ token }) => `${token}.allowed.te:443`,
    "any character for the dot": ({ token }) => `${token}.allowedxtest.test:443`,
    "any character for the dot, exact": ({ token }) => `exactxtest.${token}:443`,
    "the wildcard's own name": () => "allowed.test:443",
    "user before": ({ token }) => `x.allowed.test@${token}.denied.test:443`,
    "user with port before": ({ token }) => `x.allowed.test:443@${token}.denied.test:443`,
    "user behind": ({ token }) => `${token}.denied.test:443@x.allowed.test:443`,
    path: ({ token }) => `${token}.denied.test:443/.allowed.test:443`,
    scheme: ({ token }) => `http://${token}.denied.test:443`,
    "scheme before an allowed name": (mark) => `http://${here(mark)}:22/`,
  };
  return Object.entries(targets).map(([id, target]) => connects(id, target));
}

/** Names with something in them that ends a name for some and not for others. */
export function cutNames({ connects }: ProxyTalk): readonly Probe[] {
  const targets: Record<string, Text> = {
    "port 443 and more": (mark) => `${here(mark)}:443:80`,
    "two trailing dots": (mark) => `${here(mark)}..:443`,
    "leading dot": ({ token }) => `.${token}.allowed.test.:443`,
    fragment: ({ token }) => `${token}.denied.test:443#.allowed.test:443`,
    query: ({ token }) => `${token}.denied.test:443?.allowed.test:443`,
    backslash: ({ token }) => `${token}.denied.test:443\\.allowed.test:443`,
    comma: ({ token }) => `${token}.denied.test:443,x.allowed.test:443`,
    "NUL byte": ({ token }) => `${token}.denied.test:443\0.allowed.test:443`,
    "NUL byte, encoded": ({ token }) => `${token}.denied.test:443%00.allowed.test:443`,
    "line end, encoded": ({ token }) => `${token}.denied.test:443%0d%0a.allowed.test:443`,
    tab: ({ token }) => `${token}.denied.test:443\t.allowed.test:443`,
    "encoded dot": ({ token }) => `${token}%2edenied.test:443`,
    "full-width dot": ({ token }) => `${token}\xef\xbc\x8edenied.test:443`,
  };
  return Object.entries(targets).map(([id, target]) => connects(id, target, { misread: true }));
}
