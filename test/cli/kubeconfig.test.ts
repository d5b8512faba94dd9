import { readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { userKubeconfig } from "../../cli/kubeconfig.ts";
import { folderWith } from "./workbench.ts";

const HOME = `
apiVersion: v1
kind: Config
current-context: home
contexts:
  - { name: home, context: { cluster: home, user: me, namespace: mine } }
  - { name: prod/eu, context: { cluster: eu, user: robot } }
  - { name: lost, context: { cluster: gone, user: me } }
clusters:
  - { name: home, cluster: { server: "https://home:6443", certificate-authority: pki/ca.crt } }
  - { name: eu, cluster: { server: "https://eu:6443", tls-server-name: inner, proxy-url: "http://proxy:3128" } }
users:
  - { name: me, user: { client-certificate: pki/me.crt, client-key: /keys/me.key } }
  - { name: robot, user: { exec: { apiVersion: client.authentication.k8s.io/v1, command: ./login, args: [eu], interactiveMode: Never } } }
`;

function kubeconfig(context: string, files: Readonly<Record<string, string>> = { "home.yaml": HOME }) {
  const folder = folderWith(files);
  const named = Object.keys(files).map((name) => join(folder, name));
  const into = join(folder, "contexts");
  const file = userKubeconfig(context, into, { KUBECONFIG: named.join(delimiter) });
  return { folder, file, content: JSON.parse(readFileSync(file, "utf8")) };
}

describe("the kubeconfig of one context", () => {
  test("holds that context, its cluster and its user, and nothing else", () => {
    const { folder, content } = kubeconfig("home");
    expect(content).toEqual({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "home",
      contexts: [{ name: "home", context: { cluster: "home", user: "me", namespace: "mine" } }],
      clusters: [
        { name: "home", cluster: { server: "https://home:6443", "certificate-authority": join(folder, "pki/ca.crt") } },
      ],
      users: [{ name: "me", user: { "client-certificate": join(folder, "pki/me.crt"), "client-key": "/keys/me.key" } }],
    });
  });

  test("keeps every way to log in, with programs found from where the user's file is", () => {
    const { folder, content } = kubeconfig("prod/eu");
    expect(content.users[0].user.exec).toEqual({
      apiVersion: "client.authentication.k8s.io/v1",
      command: join(folder, "login"),
      args: ["eu"],
      interactiveMode: "Never",
    });
    expect(content.clusters[0].cluster).toEqual({
      server: "https://eu:6443",
      "tls-server-name": "inner",
      "proxy-url": "http://proxy:3128",
    });
  });

  test("is readable by its owner alone, and stands in one folder whatever the context is called", () => {
    const { folder, file } = kubeconfig("prod/eu");
    expect(file).toBe(join(folder, "contexts", "prod%2Feu.json"));
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("is put together from several files, of which the first counts", () => {
    const other = `
contexts: [{ name: work, context: { cluster: home, user: worker } }]
clusters: [{ name: home, cluster: { server: "https://other:6443" } }]
users: [{ name: worker, user: { token: abc } }]
`;
    const { content } = kubeconfig("work", { "home.yaml": HOME, "work.yaml": other });
    expect(content.clusters[0].cluster.server).toBe("https://home:6443");
    expect(content.users[0].user.token).toBe("abc");
  });
});

describe("refused is", () => {
  test("a context that nobody has, with the nearest name", () => {
    expect(() => kubeconfig("hom")).toThrow(
      /^--context is "hom", but .*home\.yaml has no such context; did you mean "home"\?$/,
    );
  });

  test("any context when there is no kubeconfig at all", () => {
    expect(() => kubeconfig("home", {})).toThrow(/\.kube\/config has no such context; none is known$/);
  });

  test("a context whose cluster is not there", () => {
    expect(() => kubeconfig("lost")).toThrow(/^context lost: cluster is "gone", but no such cluster is there; kubectl/);
  });

  test("a file that is no YAML", () => {
    expect(() => kubeconfig("home", { "broken.yaml": "a: [" })).toThrow(
      /broken\.yaml cannot be read as a kubeconfig: /,
    );
  });
});
