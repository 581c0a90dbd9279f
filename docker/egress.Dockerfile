# The egress container: tinyproxy and dnsmasq for every agent, and the supervisor that runs them (docs/adr/0013-egress.md).
#
# The context is this file and the folders egress/ and shared/, nothing else of docker/, plus one generated folder:
#   ca/      extra CA certificates of the host for apt: bundle.pem; may be empty
#
# Only what the classic builder understands: no heredocs, no RUN --mount.

ARG BASE_IMAGE=debian:bookworm-slim

FROM ${BASE_IMAGE}
USER root
COPY ca/ /usr/local/share/ca-certificates/devkit/
COPY shared/install-packages /etc/devkit/build/
# tinyproxy-bin and dnsmasq-base are the programs alone: nothing that an init system would start.
RUN sh /etc/devkit/build/install-packages dnsmasq-base nftables perl-base tinyproxy-bin

COPY egress/supervisor.pl egress/probe.pl egress/forward.pl /usr/lib/devkit/egress/
COPY egress/Egress/ /usr/lib/devkit/egress/Egress/
# Whatever the umask of the clone, any user can read it. And mount points, so that a read-only root has them.
RUN chmod -R a+rX,go-w /usr/lib/devkit && mkdir -p /etc/egress /var/log/egress /run/egress /devkit/ports

STOPSIGNAL SIGTERM
ENTRYPOINT ["perl", "-I/usr/lib/devkit/egress", "/usr/lib/devkit/egress/supervisor.pl"]
CMD []
