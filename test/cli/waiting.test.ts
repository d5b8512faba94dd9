import { describe, expect, test } from "vitest";
import { reasonOf, waitingLines } from "../../cli/waiting.ts";

// Status of pods as a kubelet and a scheduler of Kubernetes 1.36 write it.
const unscheduled = (message: string) => ({
  status: { conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }] },
});
const container = (state: object, lastState: object = {}) => ({
  status: {
    conditions: [{ type: "PodScheduled", status: "True" }],
    containerStatuses: [{ name: "order", state, lastState }],
  },
});

describe("why a pod is not ready", () => {
  test.each([
    [
      "no node has room",
      unscheduled(
        "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
      ),
      "no node takes them: 0/3 nodes are available: 3 Insufficient cpu",
    ],
    [
      "its image cannot be had",
      container({
        waiting: { reason: "ImagePullBackOff", message: 'Back-off pulling image "shop/order:2": not found' },
      }),
      'ImagePullBackOff: Back-off pulling image "shop/order:2": not found',
    ],
    [
      "its program ends at once",
      container(
        {
          waiting: {
            reason: "CrashLoopBackOff",
            message: "back-off 10s restarting failed container=order pod=order-7_shop",
          },
        },
        { terminated: { exitCode: 2, reason: "Error" } },
      ),
      "the program ended with 2, CrashLoopBackOff",
    ],
    [
      "it has too little memory",
      container({ waiting: { reason: "CrashLoopBackOff" } }, { terminated: { exitCode: 137, reason: "OOMKilled" } }),
      "the program ended with 137 (OOMKilled), CrashLoopBackOff",
    ],
    [
      "a Secret is missing",
      container({ waiting: { reason: "CreateContainerConfigError", message: 'secret "order" not found' } }),
      'CreateContainerConfigError: secret "order" not found',
    ],
  ])("%s", (_, pod, reason) => {
    expect(reasonOf(pod)).toBe(reason);
  });

  test.each([
    ["it starts", container({ waiting: { reason: "ContainerCreating" } })],
    ["it runs", container({ running: { startedAt: "2026-11-21T12:00:00Z" } }, { terminated: { exitCode: 2 } })],
    [
      "it is on its way out",
      { metadata: { deletionTimestamp: "2026-11-21T12:00:00Z" }, ...unscheduled("0/3 nodes are available") },
    ],
    ["nobody has seen it", {}],
  ])("nothing is said while %s", (_, pod) => {
    expect(reasonOf(pod)).toBeUndefined();
  });
});

test("a reason is said once for all who have it, and each component once", () => {
  const waiting = ["order", "order", "user", "payment", "stock", "shipment"].map((component) => ({
    component,
    reason: "no node takes them",
  }));
  expect(waitingLines([...waiting, { component: "user", reason: "ErrImagePull" }])).toEqual([
    "  pods of order, user, payment and 2 more wait: no node takes them",
    "  pods of user wait: ErrImagePull",
  ]);
});
