import { describe, expect, test } from "vitest";
import { deployment, entry, planned } from "./workbench.ts";

describe("said to be lost is", () => {
  test.each([
    ["hostNetwork", { pod: "hostNetwork: true" }, "Deployment cart: spec.template.spec.hostNetwork: true"],
    [
      "a place to run",
      { pod: "nodeSelector: { disk: ssd }" },
      'Deployment cart: spec.template.spec.nodeSelector: {"disk":"ssd"}',
    ],
    [
      "a volume of the node",
      {
        pod: "volumes: [{ name: sock, hostPath: { path: /run } }]",
        container: "volumeMounts: [{ name: sock, mountPath: /run }]",
      },
      "volume sock: a component has no volume of hostPath",
    ],
    [
      "a port that is not TCP",
      { container: "ports: [{ containerPort: 53, protocol: UDP }]" },
      "port 53: a component's ports are TCP",
    ],
    [
      "a variable that refers to another",
      { container: 'env: [{ name: URL, value: "http://$(HOST)" }]' },
      "env URL: it refers to another variable, which a ConfigMap cannot: write the value out",
    ],
    [
      "variables of an unknown ConfigMap",
      { container: "envFrom: [{ configMapRef: { name: elsewhere } }]" },
      "envFrom elsewhere: it stands in none of the files, so its keys are not known",
    ],
    [
      "a strategy",
      { spec: "strategy: { type: Recreate }" },
      'Deployment cart: spec.strategy.type: "Recreate" becomes "RollingUpdate"',
    ],
  ])("%s", (_, more, line) => {
    expect(planned({ "cart.yaml": deployment(more) }).notes["cart"]).toContain(line);
  });

  test("a hook that does more than wait; one that sleeps comes along", () => {
    const hook = (command: string) =>
      planned({ "cart.yaml": deployment({ container: `lifecycle: { preStop: { exec: { command: ${command} } } }` }) });
    expect(hook("[/bin/drain]").notes["cart"]?.join("\n")).toMatch(
      /^lifecycle\.preStop: a component only waits there/m,
    );
    const sleeping = hook('[sh, -c, "sleep 12"]');
    expect(entry(sleeping)).toMatchObject({ preStop: "12s", drain: "13s", gracePeriod: "30s" });
    expect(sleeping.notes["cart"]?.join("\n")).not.toContain("preStop");
  });

  test("no user that comes along", () => {
    const result = planned({ "cart.yaml": deployment({ pod: "securityContext: { runAsUser: 1000 }" }) });
    expect(entry(result).security).toMatchObject({ user: 1000 });
    expect(result.notes["cart"]?.join("\n")).not.toContain("runAsUser");
  });

  test("nothing of a container beside the main one that comes along", () => {
    const sidecar = '- { name: proxy, image: "registry.example.com/store/proxy:1.0.0", args: [--quiet], tty: true }';
    const result = planned({ "cart.yaml": `${deployment()}        ${sidecar}\n` });
    expect(entry(result).sidecars).toEqual({
      proxy: { image: "registry.example.com/store/proxy:1.0.0", args: ["--quiet"] },
    });
    expect(result.notes["cart"]?.filter((line) => line.includes("proxy"))).toEqual(["container proxy: tty"]);
  });

  test("a probe by command, and that the component's own asks instead", () => {
    const container =
      "ports: [{ name: http, containerPort: 8080 }]\n          livenessProbe: { exec: { command: [check] } }";
    expect(planned({ "cart.yaml": deployment({ container }) }).notes["cart"]?.join("\n")).toMatch(
      /^livenessProbe: only/m,
    );
  });

  test("a plain value that looks like a secret, and the value is nowhere", () => {
    const result = planned({ "cart.yaml": deployment({ container: "env: [{ name: DB_PASSWORD, value: hunter2 }]" }) });
    expect(result.notes["cart"]?.join("\n")).toMatch(/env DB_PASSWORD: its plain value looks like a secret/);
    expect(JSON.stringify(result)).not.toContain("hunter2");
  });
});
