import { describe, expect, test } from "vitest";
import { convertRemote, type RemoteForm } from "../../../../src/domain/ssh/remote-url.js";
import { listSshHosts } from "../../../../src/domain/ssh/ssh-host.js";

const HOSTS = listSshHosts({ hosts: { "git.company.test": "ssh.company.test" }, known_hosts: [] });
const convert = (url: string, form: RemoteForm) => {
  const found = convertRemote(url, form, HOSTS);
  return found.ok ? found.url : found.problem;
};

describe("over ssh", () => {
  test.each([
    ["https://github.com/team/app.git", "git@github.com:team/app.git"],
    ["https://github.com/team/app", "git@github.com:team/app.git"],
    ["https://github.com/team/app.name", "git@github.com:team/app.name.git"],
    ["https://github.com/team/app.name.git/", "git@github.com:team/app.name.git"],
    ["https://github.com/team/app.js//", "git@github.com:team/app.js.git"],
    ["https://GitHub.com/Team/App", "git@github.com:Team/App.git"],
    ["https://tess@github.com/team/app.git", "git@github.com:team/app.git"],
    ["https://tess:t0k@en@github.com/team/app.git", "git@github.com:team/app.git"],
    ["https://github.com:443/team/app.git", "git@github.com:team/app.git"],
    ["http://github.com/team/app.git", "git@github.com:team/app.git"],
    ["https://gitlab.com/group/sub.group/deep/app.git", "git@gitlab.com:group/sub.group/deep/app.git"],
    ["https://tess@bitbucket.org/team/app.git", "git@bitbucket.org:team/app.git"],
    ["https://git.company.test:8443/team/app", "git@git.company.test:team/app.git"],
    ["https://git.company.test/team/my%20app", "git@git.company.test:team/my app.git"],
  ])("%s becomes %s", (from, to) => {
    expect(convert(from, "ssh")).toBe(to);
  });

  test.each([
    ["git@github.com:team/app.git"],
    ["git@github.com:team/app"],
    ["github.com:team/app.name.git"],
    ["ssh://git@github.com/team/app.git"],
    ["git@git.company.test:/srv/git/app.git"],
    ["ssh://tess@git.company.test/~/app.git"],
  ])("%s stays as it is", (url) => {
    expect(convert(url, "ssh")).toBe(url);
  });

  test.each([
    ["ssh://git@github.com:22/team/app.git", "ssh://git@github.com/team/app.git"],
    ["ssh://git@ssh.github.com:443/team/app.git", "ssh://git@github.com/team/app.git"],
    ["git@ssh.github.com:team/app.git", "git@github.com:team/app.git"],
    ["ssh://tess@ssh.company.test:2222/srv/app.git", "ssh://tess@git.company.test/srv/app.git"],
  ])("%s, which agents cannot reach, becomes %s", (from, to) => {
    expect(convert(from, "ssh")).toBe(to);
  });
});

describe("over https", () => {
  test.each([
    ["git@github.com:team/app.name.git", "https://github.com/team/app.name.git"],
    ["github.com:team/app", "https://github.com/team/app.git"],
    ["ssh://git@github.com:22/team/app.git", "https://github.com/team/app.git"],
    ["ssh://git@ssh.github.com:443/team/app.git", "https://github.com/team/app.git"],
    ["git@gitlab.com:group/sub/app.git", "https://gitlab.com/group/sub/app.git"],
    ["git@git.company.test:team/my app.git", "https://git.company.test/team/my%20app.git"],
  ])("%s becomes %s", (from, to) => {
    expect(convert(from, "https")).toBe(to);
  });

  test.each([["https://github.com/team/app"], ["https://git.company.test:8443/team/app.git/"]])(
    "%s stays as it is",
    (url) => {
      expect(convert(url, "https")).toBe(url);
    },
  );
});

describe.each(["ssh", "https"] as const)("asked for %s", (form) => {
  test.each([
    ["/srv/git/app.git"],
    ["../app.git"],
    ["./odd:name"],
    ["file:///srv/git/app.git"],
    ["git://github.com/team/app.git"],
    ["ext::sh -c evil"],
    ["https://github.com/team/app.git?x=1"],
    ["https://github.com/team/app.git#main"],
    ["https:///team/app.git"],
    ["git@github.com:team/app.git\n-oProxyCommand=evil"],
    [""],
  ])("%j is neither", (url) => {
    expect(convert(url, form)).toEqual({ reason: "is neither an ssh nor an https URL", host: undefined });
  });

  test.each([
    ["https://github.com/"],
    ["https://github.com"],
    ["https://github.com/team/../app"],
    ["git@github.com:-x/app.git"],
    ["https://github.com/team/app%0a"],
  ])("%j names no repository", (url) => {
    expect(convert(url, form)).toEqual({ reason: "does not name a repository", host: undefined });
  });

  test.each([["https://git.example.com/team/app.git"], ["git@git.example.com:team/app.git"]])(
    "%s is on a host that nobody knows",
    (url) => {
      expect(convert(url, form)).toMatchObject({ host: "git.example.com" });
    },
  );
});

test("what is converted there and back is where it was", () => {
  const https = "https://gitlab.com/group/sub.group/app.name.git";
  const ssh = convert(https, "ssh");
  expect(typeof ssh).toBe("string");
  expect(convert(ssh as string, "https")).toBe(https);
});
