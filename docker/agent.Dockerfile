# The image every agent runs in: the tools that agents and their humans expect, nothing else.
#
# The context is this file and the folders agent/ and shared/, nothing else of docker/, plus three generated folders:
#   ca/      extra CA certificates of the host, one PEM per <name>.crt, and bundle.pem for apt; may be empty
#   npm/     npm packages and all they need, installed on the host; else only .keep
#   vendor/  node.tgz and npm.tgz, packed on the host, where the base has no Node; else only .keep
#
# Only what the classic builder understands: no heredocs, no RUN --mount.
# Layers go from what changes least to what changes most.

ARG BASE_IMAGE=debian:bookworm-slim

# A stage of its own, so that the archives do not stay in a layer of the image. The builder keeps it as an image without
# a name; by the label it can be found.
FROM ${BASE_IMAGE} AS vendor
LABEL dev.devkit.image=vendor
USER root
COPY shared/unpack-node /devkit-build/
COPY vendor/ /vendor/
RUN sh /devkit-build/unpack-node /vendor /out

FROM vendor AS npm
LABEL dev.devkit.image=npm
COPY agent/build/set-up-npm /devkit-build/
COPY npm/ /npm/lib/devkit/npm/
RUN PATH="/out/bin:$PATH" sh /devkit-build/set-up-npm /npm

FROM ${BASE_IMAGE}
USER root
COPY ca/ /usr/local/share/ca-certificates/devkit/
COPY shared/install-packages agent/build/set-up /etc/devkit/build/
RUN sh /etc/devkit/build/install-packages \
      bash ca-certificates curl git jq less nano ncurses-term netcat-openbsd openssh-client procps ripgrep tmux \
  && sh /etc/devkit/build/set-up

# What each of these programs reads instead of the system store, so that the host's CA certificates work everywhere.
# Last in PATH come programs that an agent installs for itself: they stand in for none of the system's.
ENV LANG=C.UTF-8 \
    PATH=$PATH:/home/agent/.local/bin \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    GIT_SSL_CAINFO=/etc/ssl/certs/ca-certificates.crt \
    CURL_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt \
    REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt

COPY --from=vendor /out/ /usr/local/

# A layer of its own: a project that adds a package keeps the layers above.
ARG EXTRA_PACKAGES=""
RUN sh /etc/devkit/build/install-packages $EXTRA_PACKAGES

COPY --from=npm /npm/ /usr/local/

COPY agent/bashrc agent/codex.toml /etc/devkit/

# What Codex needs in any agent, however it got there, below the user's own settings; those of a base image stay.
RUN mkdir -p /etc/codex && { [ -e /etc/codex/config.toml ] || ln -s /etc/devkit/codex.toml /etc/codex/config.toml; }

WORKDIR /workspace
ENTRYPOINT []
CMD ["bash"]
