/** What a file's name says, the last part in lower case. */
const BY_NAME: readonly [RegExp, string][] = [
  [/^\.env(rc)?$/, "an environment file"],
  [/^\.env\.(?!(example|sample|template|dist|defaults?)$)/, "an environment file"],
  [/^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/, "a private key"],
  [/\.(pem|key|p12|pfx|jks|keystore|kdbx)$/, "a key or its store"],
  [/^(application_default_)?credentials(\.(json|csv|toml|ya?ml))?$/, "credentials"],
  [/^\.git-credentials$/, "credentials"],
  [/^(service-?account|client_secret).*\.json$/, "credentials"],
];

/** What a file holds. */
const BY_CONTENT: readonly [RegExp, string][] = [
  [/-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/, "a private key"],
  [/"type"\s*:\s*"service_account"/, "a service account"],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, "an AWS key"],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,}|glpat-[\w-]{20})/, "an access token"],
  [/\bxox[abprs]-[\w-]{10,}|\bsk-(?:ant-|proj-)?[\w-]{20,}|\bnpm_[A-Za-z0-9]{36}\b/, "an access token"],
];

/** What these files hold besides settings that are no secret. */
const TOKENS: Readonly<Record<string, RegExp>> = {
  ".npmrc": /_(?:authToken|auth|password)\s*=/i,
  ".yarnrc.yml": /npmAuth(?:Token|Ident)\s*:/,
  ".pypirc": /^\s*password\s*[:=]/im,
  ".netrc": /\bpassword\s+\S/,
};

/** What is installed there is full of examples and test keys that are nobody's. */
const DEPENDENCIES = /(?:^|\/)(?:node_modules|\.venv|venv|site-packages|vendor)\//;

/** Whether a look at the file's content can tell more than its name does. */
export function isWorthALook(path: string): boolean {
  return !DEPENDENCIES.test(path);
}

/** What of a live credential a file looks like, by its name and the beginning of its content; undefined: of none. */
export function looksLikeCredential(path: string, beginning: string): string | undefined {
  if (DEPENDENCIES.test(path)) return undefined;
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const named = BY_NAME.find(([pattern]) => pattern.test(name));
  if (named !== undefined) return named[1];
  if (TOKENS[name]?.test(beginning) === true) return "an access token";
  return BY_CONTENT.find(([pattern]) => pattern.test(beginning))?.[1];
}
