# A git server that speaks ssh on port 443, as the forges' do: see ssh-stand.ts.
ARG BASE_IMAGE=debian:bookworm-slim
FROM ${BASE_IMAGE}
COPY ca/ /usr/local/share/ca-certificates/devkit/
COPY install-packages /build/
RUN sh /build/install-packages openssh-server git && rm -f /etc/ssh/ssh_host_*

# An account without a password is not locked.
RUN useradd -m -d /home/git -p '*' git \
  && mkdir -p /run/sshd \
  && su git -c 'git init -q --bare -b main /home/git/team/app.name.git' \
  && ln -s /home/git/team /team
COPY greet sshd_config start /etc/ssh/
RUN chmod 755 /etc/ssh/greet /etc/ssh/start && touch /etc/ssh/authorized_keys && chmod 644 /etc/ssh/authorized_keys
EXPOSE 443
CMD ["/etc/ssh/start"]
