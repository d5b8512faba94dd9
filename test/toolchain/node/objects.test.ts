import { expect, test } from "vitest";
import { objectPath } from "../../../toolchain/node/apply.ts";
import { IMAGES, NETWORK } from "../../../toolchain/node/layout.ts";
import { missingPrograms } from "../../../toolchain/node/node.ts";
import { nodeObjects } from "../../../toolchain/node/objects.ts";
import { sourceOf } from "../../../toolchain/parts.ts";

test("each of the node's own objects has a place at the API server, and no two the same", () => {
  const paths = nodeObjects().map(objectPath);
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths).toContain("/apis/apps/v1/namespaces/kube-system/deployments/coredns");
  expect(paths).toContain("/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io");
});

test("an object of an unknown kind is a slip in our table", () => {
  expect(() => objectPath({ apiVersion: "v1", kind: "Ghost", metadata: { name: "it" } })).toThrow("Ghost");
});

test("the names' Service has the address that pods are told, and the port that policies allow", () => {
  const named = nodeObjects().find(({ kind, metadata }) => kind === "Service" && metadata.name === "kube-dns");
  expect(named).toMatchObject({
    spec: { clusterIP: NETWORK.dns, selector: { "k8s-app": "kube-dns" }, ports: [{ port: 53 }, { port: 53 }] },
  });
  const deployment = nodeObjects().find(({ kind, metadata }) => kind === "Deployment" && metadata.name === "coredns");
  // A policy is about the pod's port, not the Service's.
  expect(deployment).toMatchObject({
    spec: { template: { spec: { containers: [{ ports: [{ containerPort: 53 }, { containerPort: 53 }] }] } } },
  });
});

test("the node's own pods are as restricted as everybody's", () => {
  const deployments = nodeObjects().filter(({ kind }) => kind === "Deployment");
  expect(deployments).toHaveLength(2);
  for (const deployment of deployments) {
    expect(deployment).toMatchObject({
      spec: {
        template: {
          spec: {
            securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
            containers: [{ securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } } }],
          },
        },
      },
    });
  }
});

test("images are named by the versions of the parts that they are made of", () => {
  expect(IMAGES.coredns).toMatch(new RegExp(`:${sourceOf("coredns").version}$`));
  expect(IMAGES.metricsServer).toMatch(new RegExp(`:${sourceOf("metrics-server").version}$`));
  expect(IMAGES.pause).toMatch(new RegExp(`:${sourceOf("pause").version}$`));
});

test("a node is well when each of its programs runs", () => {
  const running = ["containerd", "kubelet", "kube-proxy", "node-agent", "registry"].map((name, pid) => ({
    pid,
    program: `/x/bin/${name}`,
  }));
  expect(missingPrograms(running)).toEqual([]);
  expect(missingPrograms(running.slice(1))).toEqual(["containerd"]);
});
