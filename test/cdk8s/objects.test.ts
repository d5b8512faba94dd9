import { ApiObject, App, Chart, Lazy, Testing } from "cdk8s";
import * as kplus from "cdk8s-plus-27";
import { describe, expect, test } from "vitest";
import { fromChart, toChart } from "../../components/cdk8s/index.ts";
import { faultsOf } from "../core/faults-of.ts";

/** A backing service as a team wrote it with cdk8s-plus: workload, address, settings and the right to read them. */
function backing(scope: App): Chart {
  const chart = new Chart(scope, "backing", { namespace: "shop", labels: { team: "checkout" } });
  // cdk8s-plus declares what it implements less exactly than exactOptionalPropertyTypes asks for.
  const settings = new kplus.ConfigMap(chart, "settings", { data: { "app.conf": "mode = dev\n" } }) as kplus.IConfigMap;
  const account = new kplus.ServiceAccount(chart, "account") as kplus.IServiceAccount & kplus.ISubject;
  const deployment = new kplus.Deployment(chart, "cache", {
    replicas: 1,
    serviceAccount: account,
    containers: [{ image: "registry.example.com/cache:7", portNumber: 6379, securityContext: { user: 1001 } }],
  });
  deployment.containers[0]?.mount("/etc/cache", kplus.Volume.fromConfigMap(chart, "files", settings));
  deployment.exposeViaService({ ports: [{ port: 6379 }] });
  const role = new kplus.Role(chart, "reader");
  role.allowRead(kplus.ApiResource.CONFIG_MAPS);
  role.bind(account);
  return chart;
}

describe("a cdk8s-plus chart as objects", () => {
  const objects = fromChart(backing(new App()));

  test("roles follow the constructs' paths", () => {
    const kinds = Object.fromEntries(Object.entries(objects).map(([role, { kind }]) => [role, kind]));
    expect(kinds).toMatchObject({
      settings: "ConfigMap",
      account: "ServiceAccount",
      cache: "Deployment",
      "cache-service": "Service",
      reader: "Role",
    });
    expect(Object.values(kinds)).toContain("RoleBinding");
  });

  test("objects are what cdk8s would write", () => {
    const written: unknown[] = Testing.synth(backing(new App()));
    expect(Object.values(objects)).toHaveLength(written.length);
    for (const object of Object.values(objects)) expect(written).toContainEqual(object);
  });

  test("the chart's namespace and labels are theirs", () => {
    for (const { metadata } of Object.values(objects)) {
      expect(metadata).toMatchObject({ namespace: "shop", labels: { team: "checkout" } });
    }
  });

  test("the same chart twice gives the same roles and objects", () => {
    expect(fromChart(backing(new App()))).toEqual(objects);
  });

  test("a construct that is added leaves the roles of the others alone", () => {
    const chart = backing(new App());
    new kplus.ConfigMap(chart, "another");
    new kplus.ConfigMap(chart, "cache-settings");
    expect(Object.keys(fromChart(chart))).toEqual(expect.arrayContaining(Object.keys(objects)));
  });

  test("goes into a chart again and comes back the same", () => {
    expect(fromChart(toChart(new App(), "again", objects))).toEqual(objects);
  });
});

describe("any construct as objects", () => {
  test("an app's roles begin with the chart", () => {
    const app = new App();
    backing(app);
    expect(Object.keys(fromChart(app))).toContain("backing-cache-service");
  });

  test("a single construct gives what it makes itself", () => {
    const chart = backing(new App());
    const deployment = chart.node.findChild("cache");
    expect(deployment).toBeInstanceOf(kplus.Deployment);
    if (deployment instanceof kplus.Deployment) {
      expect(Object.keys(fromChart(deployment))).toEqual(["deployment", "service"]);
    }
  });

  test("values that cdk8s computes late are plain", () => {
    const chart = new Chart(new App(), "late");
    new ApiObject(chart, "settings", {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "late" },
      data: { a: Lazy.any({ produce: () => "computed" }) },
    });
    expect(fromChart(chart)["settings"]).toMatchObject({ data: { a: "computed" } });
  });

  test("what cdk8s patches is patched", () => {
    const chart = toChart(new App(), "patched", {
      settings: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "patched" } },
    });
    chart.apiObjects[0]?.metadata.addAnnotation("note", "added");
    expect(fromChart(chart)["settings"]?.metadata.annotations).toEqual({ note: "added" });
  });
});

describe("faults of a chart", () => {
  test("constructs that cannot be written are named, all at once", () => {
    const chart = new Chart(new App(), "faulty");
    new kplus.Deployment(chart, "empty");
    const ingress = new kplus.Ingress(chart, "ingress");
    expect(ingress.node.validate()).toHaveLength(1);
    const places = faultsOf(() => fromChart(chart)).map(({ component, problem }) => `${component} ${problem}`);
    expect(places).toEqual([
      expect.stringMatching(/^faulty\/empty\/Resource cannot be written: PodSpec must have at least 1 container/),
      expect.stringMatching(/^faulty\/ingress ingress with no rules/),
    ]);
  });

  test("two paths that would share a role are named", () => {
    const chart = new Chart(new App(), "doubled");
    const object = (id: string, scope = chart) =>
      new ApiObject(scope, id, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: id } });
    object("a-b");
    object("b", new Chart(chart, "a"));
    expect(faultsOf(() => fromChart(chart))).toMatchObject([
      { component: "doubled/a/b", problem: "gets the role a-b, which doubled/a-b has already" },
    ]);
  });
});
