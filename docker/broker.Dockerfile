# The broker: the endpoint through which agents reach the task pool (docs/endpoint.md).
#
# The context is this file and the folder shared/, nothing else of docker/, plus two generated folders:
#   vendor/  node.tgz and npm.tgz, packed on the host, where the base has no Node; else only .keep
#   broker/  package.json, and dist/ with the program
#
# Only what the classic builder understands: no heredocs, no RUN --mount.

ARG BASE_IMAGE=debian:bookworm-slim

# The same steps as in agent.Dockerfile: on the same base the builder has them already.
FROM ${BASE_IMAGE} AS vendor
LABEL dev.devkit.image=vendor
USER root
COPY shared/unpack-node /devkit-build/
COPY vendor/ /vendor/
RUN sh /devkit-build/unpack-node /vendor /out

FROM ${BASE_IMAGE}
USER root
COPY --from=vendor /out/bin/ /usr/local/bin/
COPY broker/ /usr/lib/devkit/
# Whatever the umask, any user can read it. And mount points, so that a read-only root has them.
RUN chmod -R a+rX,go-w /usr/lib/devkit && mkdir -p /devkit/pool/refs /devkit/pool/locks/tasks /devkit/broker/config

STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/usr/lib/devkit/dist/broker.mjs"]
CMD []
