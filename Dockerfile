# The image of headrace: docker build -t headrace . (docs/operations.md, "In a container").
#
# Handlers are .so files built against glibc, so both stages are the same Debian.
ARG BASE=debian:12-slim

FROM ${BASE} AS build
# As in ./dev, which says what each is for. node-llhttp is wanted for its C sources only: unpacked,
# it brings no node.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      ca-certificates ccache cmake g++ ninja-build pkg-config \
      libboost1.81-dev libcli11-dev libcurl4-openssl-dev libsimdjson-dev libspdlog-dev \
      libsqlite3-dev libssl-dev libyaml-cpp-dev libzip-dev nlohmann-json3-dev \
 && cd /tmp \
 && apt-get download node-llhttp \
 && dpkg --extract node-llhttp_*.deb / \
 && rm -rf /tmp/* /var/lib/apt/lists/* /var/cache/apt/*
COPY . /src
RUN --mount=type=cache,target=/root/.cache/ccache \
    cd /src \
 && cmake --preset release -DHEADRACE_TESTS=OFF -DHEADRACE_BENCH=OFF \
 && cmake --build --preset release --target headrace headrace-worker \
 && cmake --install build/release --strip --prefix /usr/local

FROM ${BASE}
LABEL org.opencontainers.image.title="headrace" \
      org.opencontainers.image.description="Amazon SQS and Lambda event source mappings, self-hosted" \
      org.opencontainers.image.licenses="Apache-2.0"
# tini is process 1: it hands signals on and collects what handlers leave behind.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      ca-certificates libcurl4 libsimdjson14 libspdlog1.10 libsqlite3-0 libssl3 libyaml-cpp0.7 \
      libzip4 tini \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log \
 && groupadd --gid 10001 headrace \
 && useradd --uid 10001 --gid headrace --no-create-home --home-dir /var/lib/headrace headrace \
 && install -d -o headrace -g headrace -m 700 /var/lib/headrace
COPY --from=build /usr/local/bin/headrace /usr/local/bin/headrace-worker /usr/local/bin/
COPY --from=build /usr/local/share/headrace /usr/local/share/headrace
COPY config/docker.yaml /etc/headrace/headrace.yaml
COPY docker-entrypoint.sh /usr/local/bin/
USER headrace
WORKDIR /var/lib/headrace
VOLUME /var/lib/headrace
EXPOSE 4566
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s CMD ["headrace", "health"]
ENTRYPOINT ["tini", "--", "docker-entrypoint.sh"]
CMD ["serve"]
