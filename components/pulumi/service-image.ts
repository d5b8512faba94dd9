import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type ServiceImagePlan, type ServiceImageProps, serviceImage } from "../delivery/service-image.ts";
import { reported } from "./failure.ts";
import { runHooks } from "./image/hooks.ts";
import { type BuildFolder, buildFolder } from "./image/host-build.ts";

/** What the engine alone needs to know of an image. */
export interface ServiceImageArgs extends Omit<ServiceImageProps, "name"> {
  /** Who pushes. A secret in the engine's state. @default who is logged in to docker */
  readonly login?: { readonly username: pulumi.Input<string>; readonly password: pulumi.Input<string> };
  /** Folder for what is built on the way. @default .fairlead/images, or images in FAIRLEAD_STATE */
  readonly folder?: string;
}

/**
 * An image of a Go service, built and pushed. Its digest goes to the workload that runs it: a new build rolls exactly those
 * pods, and the same source rolls none.
 */
export class ServiceImage extends pulumi.ComponentResource {
  /** "registry.example.com/shop/order@sha256:…": what a workload takes as its image. */
  readonly image: pulumi.Output<string>;
  /** "sha256:…" */
  readonly digest: pulumi.Output<string>;

  constructor(name: string, args: ServiceImageArgs, options: pulumi.ComponentResourceOptions = {}) {
    const { login, folder = defaultFolder(), ...props } = args;
    const plan = reported(() => serviceImage({ ...props, name }));
    super("fairlead:delivery:ServiceImage", name, {}, options);
    const place = join(folder, name);
    const built = pulumi.output(buildFolder(plan, place));
    const shared = {
      build: buildOf(plan, built),
      ...(login === undefined ? {} : { registry: registryOf(props, login) }),
    };
    const [first = "", ...rest] = plan.names;
    const hooked = Object.keys(plan.hooks).length > 0;
    // Looked at before any registry sees it.
    const local =
      hooked || !plan.push
        ? new docker.Image(`${name}-local`, { ...shared, imageName: first, skipPush: true }, { parent: this })
        : undefined;
    const pushOptions = {
      parent: this,
      ...(local === undefined || !hooked ? {} : { dependsOn: [local], hooks: looking(plan, place, built, local) }),
    };
    const pushed = plan.push ? new docker.Image(name, { ...shared, imageName: first }, pushOptions) : undefined;
    for (const [index, imageName] of (plan.push ? rest : []).entries()) {
      // After the first, so that it is laid on what that built.
      const after = { parent: this, ...(pushed === undefined ? {} : { dependsOn: [pushed] }) };
      new docker.Image(`${name}-${props.tags?.[index] ?? "latest"}`, { ...shared, imageName }, after);
    }
    this.image = (pushed ?? local)?.repoDigest ?? pulumi.output(first);
    this.digest = this.image.apply((image) => image.slice(image.indexOf("@") + 1));
    this.registerOutputs({ image: this.image, digest: this.digest });
  }
}

function buildOf(plan: ServiceImagePlan, built: pulumi.Output<BuildFolder>): docker.types.input.DockerBuild {
  return {
    context: built.context,
    dockerfile: built.dockerfile,
    platform: plan.platform,
    builderVersion: docker.BuilderVersion.BuilderBuildKit,
    ...(Object.keys(plan.args).length === 0 ? {} : { args: { ...plan.args } }),
    ...(plan.network === undefined ? {} : { network: plan.network }),
    ...(plan.cacheFrom.length === 0 ? {} : { cacheFrom: { images: [...plan.cacheFrom] } }),
  };
}

function registryOf(props: Omit<ServiceImageProps, "name">, login: NonNullable<ServiceImageArgs["login"]>) {
  const server = props.repository.split("/")[0] ?? "";
  return { server, username: login.username, password: pulumi.secret(login.password) };
}

/** The hooks, bound to a push: where one fails, the engine does not push. */
function looking(
  plan: ServiceImagePlan,
  folder: string,
  built: pulumi.Output<BuildFolder>,
  local: docker.Image,
): pulumi.ResourceHookBinding {
  const hook = new pulumi.ResourceHook(`fairlead-image-${plan.name}`, async () => {
    const [{ binary = "" }, id] = await Promise.all([known(built), known(local.repoDigest)]);
    // Where no engine runs the image is an archive, and not in anybody's list.
    const archive = join(process.env["FAIRLEAD_IMAGES"] ?? folder, `${id.replace("sha256:", "")}.tar`);
    const image = existsSync(archive) ? archive : (plan.names[0] ?? "");
    await runHooks(plan.hooks, { name: plan.name, image, binary, folder: join(folder, "hooks") });
  });
  return { beforeCreate: [hook], beforeUpdate: [hook] };
}

function known<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((fulfil) => {
    output.apply((value) => fulfil(value as T));
  });
}

function defaultFolder(): string {
  const state = process.env["FAIRLEAD_STATE"];
  return resolve(state === undefined ? ".fairlead" : state, "images");
}
