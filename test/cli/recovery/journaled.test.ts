import { describe, expect, test } from "vitest";
import type { ClusterReader } from "../../../cli/cluster-reader.ts";
import type { Entry } from "../../../cli/recovery/journal.ts";
import { settleJournaled } from "../../../cli/recovery/journaled.ts";
import { registrations } from "../../../cli/recovery/registrations.ts";
import type { Resource } from "../../../cli/state.ts";
import { RegisterResourceRequest, RegisterResourceResponse, struct } from "../../messages.ts";

const URN = "urn:pulumi:dev::shop::";
const STACK = `${URN}pulumi:pulumi:Stack::shop-dev`;
const ORDER = `${URN}fairlead:workload:Microservice::order`;
const SERVICE = `${URN}fairlead:workload:Microservice$kubernetes:core/v1:Service::order-service`;
const BEGUN = new Date("2026-11-21T10:00:00.900Z");

function request(
  type: string,
  name: string,
  parent: string,
  inputs: object = {},
  more: { provider?: string } = {},
): Entry {
  const one = new RegisterResourceRequest();
  one.setType(type);
  one.setName(name);
  one.setParent(parent);
  one.setCustom(!type.startsWith("fairlead:") && type !== "pulumi:pulumi:Stack");
  one.setObject(struct(inputs));
  one.setVersion("4.27.0");
  one.setProvider(more.provider ?? "");
  one.setDependenciesList([`${URN}gone::gone`, ORDER]);
  return { kind: "request", message: one.serializeBinary() };
}

function answer(urn: string, id: string, outputs: object): Entry {
  const one = new RegisterResourceResponse();
  one.setUrn(urn);
  one.setId(id);
  one.setObject(struct(outputs));
  return { kind: "answer", message: one.serializeBinary() };
}

const service = (name: string) => ({ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "shop" } });

const PROGRAM: readonly Entry[] = [
  { kind: "begun", message: Buffer.from(BEGUN.toISOString()) },
  request("pulumi:pulumi:Stack", "shop-dev", ""),
  request("fairlead:workload:Microservice", "order", STACK),
  request("kubernetes:core/v1:Service", "order-service", ORDER, service("order")),
];

const written = (time: string) => [{ manager: "pulumi-kubernetes-1a2b3c4d", operation: "Apply", time }];

/** A cluster with these Services. */
function cluster(...services: readonly object[]): ClusterReader {
  const items = services.map((one) => ({
    metadata: { namespace: "shop", managedFields: written("2026-11-21T10:00:00Z"), ...one },
  }));
  const answers = new Map<string, unknown>([
    ["/api/v1", { resources: [{ name: "services", kind: "Service", namespaced: true }] }],
    ["/api/v1/services", { items }],
  ]);
  return async (path) => answers.get(path);
}

async function settled(read: ClusterReader, entries: readonly Entry[], resources: readonly Resource[] = []) {
  const { state, ...counts } = await settleJournaled(
    read,
    { deployment: { resources } },
    registrations(entries, "dev", "shop"),
  );
  return { ...counts, resources: state.deployment.resources ?? [] };
}

const urns = (resources: readonly Resource[]) =>
  resources.map(({ urn, delete: gone }) => (gone === true ? `-${urn}` : urn));

describe("of what a killed run told of", () => {
  test("the state takes in what is there, with its provider and whom it belongs to before it", async () => {
    const { resources, ...counts } = await settled(cluster({ name: "order" }), PROGRAM);
    expect(counts).toEqual({ begun: 1, made: 1 });
    const provider = `${URN}pulumi:providers:kubernetes::default_4_27_0`;
    expect(urns(resources)).toEqual([STACK, ORDER, provider, SERVICE]);
    const [, , made, last] = resources;
    expect(made).toMatchObject({ custom: true, inputs: { version: "4.27.0" } });
    expect(last).toMatchObject({
      id: "shop/order",
      parent: ORDER,
      provider: `${provider}::${made?.id}`,
      dependencies: [ORDER],
      inputs: service("order"),
      outputs: { __fieldManager: "pulumi-kubernetes-1a2b3c4d", __initialApiVersion: "v1" },
    });
  });

  test("what is not there stays unknown", async () => {
    const { resources, ...counts } = await settled(cluster(), PROGRAM);
    expect(counts).toEqual({ begun: 1, made: 0 });
    expect(urns(resources)).not.toContain(SERVICE);
  });

  test.each([
    ["that was there before the run", { managedFields: written("2026-11-21T09:59:59Z") }],
    ["of somebody else", { managedFields: [{ manager: "kubectl", time: "2026-11-21T10:00:05Z" }] }],
  ])("an object %s is left to whose it is", async (_, metadata) => {
    expect((await settled(cluster({ name: "order", ...metadata }), PROGRAM)).made).toBe(0);
  });

  test("what the state knows, under whatever name, is not taken in again", async () => {
    const old: Resource = {
      urn: `${URN}kubernetes:core/v1:Service::old`,
      type: "kubernetes:core/v1:Service",
      inputs: service("order"),
    };
    const { resources, ...counts } = await settled(cluster({ name: "order" }), PROGRAM, [old]);
    expect(counts).toEqual({ begun: 0, made: 0 });
    expect(resources[0]).toEqual(old);
    expect(urns(resources)).not.toContain(SERVICE);
  });

  test("what stands in for another of its name leaves that one to be deleted", async () => {
    const old: Resource = { urn: SERVICE, type: "kubernetes:core/v1:Service", id: "shop/was", inputs: service("was") };
    const { resources } = await settled(cluster({ name: "was" }, { name: "order" }), PROGRAM, [old]);
    expect(urns(resources).filter((urn) => urn.endsWith(SERVICE))).toEqual([`-${SERVICE}`, SERVICE]);
  });

  test("an object that the provider gave a name is known by it", async () => {
    const unnamed = request("kubernetes:core/v1:Service", "order-service", ORDER, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { namespace: "shop" },
    });
    const live = { name: "order-service-1a2b3c4d", annotations: { "pulumi.com/autonamed": "true" } };
    const { resources } = await settled(cluster({ name: "order-service" }, live), [...PROGRAM.slice(0, 3), unnamed]);
    expect(resources.at(-1)).toMatchObject({ id: "shop/order-service-1a2b3c4d", inputs: { metadata: live } });
  });

  test.each([
    ["a name", { name: "order" }, { name: "order" }],
    ["none", {}, { name: "order-service-1a2b3c4d", annotations: { "pulumi.com/autonamed": "true" } }],
  ])(
    "an object of %s in no namespace that is said is not taken in again where the state knows it",
    async (_, said, live) => {
      const unsaid = request("kubernetes:core/v1:Service", "order-service", ORDER, {
        apiVersion: "v1",
        kind: "Service",
        metadata: said,
      });
      const entries = [...PROGRAM.slice(0, 3), unsaid];
      const metadata = { ...live, namespace: "default" };
      const old: Resource = {
        urn: SERVICE,
        type: "kubernetes:core/v1:Service",
        id: `default/${live.name}`,
        inputs: { apiVersion: "v1", kind: "Service", metadata },
      };
      expect((await settled(cluster(metadata), entries, [old])).resources[0]).toEqual(old);
      const { resources } = await settled(cluster(metadata), entries);
      expect(resources.at(-1)).toMatchObject({ id: `default/${live.name}`, inputs: { metadata } });
    },
  );

  test("secrets are told so that the engine seals them", async () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: { a: "b" } };
    const entry = request("kubernetes:core/v1:Service", "order-service", ORDER, { ...service("order"), data: secret });
    const { resources } = await settled(cluster({ name: "order" }), [...PROGRAM.slice(0, 3), entry]);
    expect(Reflect.get(Object(resources.at(-1)?.inputs), "data")).toEqual({
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      plaintext: '{"a":"b"}',
    });
  });

  test("what is no object of the cluster is taken in once the engine has said that it is made", async () => {
    const urn = `${URN}random:index:RandomId::id`;
    const made = request("random:index:RandomId", "id", STACK, { byteLength: 2 });
    expect(urns((await settled(cluster(), [...PROGRAM, made])).resources)).not.toContain(urn);
    const { resources } = await settled(cluster(), [...PROGRAM, made, answer(urn, "Zm8", { hex: "666f" })]);
    expect(resources.find((one) => one.urn === urn)).toMatchObject({
      id: "Zm8",
      inputs: { byteLength: 2 },
      outputs: { hex: "666f" },
    });
  });

  test("what has a provider of its own, which is not known, stays unknown with it", async () => {
    const own = request("kubernetes:core/v1:Service", "order-service", ORDER, service("order"), {
      provider: `${URN}pulumi:providers:kubernetes::own::1`,
    });
    expect(urns((await settled(cluster({ name: "order" }), [...PROGRAM.slice(0, 3), own])).resources)).toEqual([
      STACK,
      ORDER,
    ]);
  });
});
