# The image of baton-controller: nothing but the programs, the libraries that they are linked with, CA certificates and
# time zones. No shell, no package manager; user 65532; nothing in it is written to.
#
#   docker build -t baton:0.1.0 .        or: buildah build -t baton:0.1.0 .
#
# Build arguments: BASE, the Debian 12 that it is built on and whose libraries it takes; VERSION and COMMIT, for the labels
# and for --version; SOURCE_DATE_EPOCH, which with the same BASE and packages gives the same image (buildah: --timestamp).
ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BASE} AS build
COPY scripts/lib/packages.sh /build/packages.sh
RUN bash -euc '. /build/packages.sh; export DEBIAN_FRONTEND=noninteractive; apt-get update; \
      apt-get install -y --no-install-recommends "${BUILD_PACKAGES[@]}" ca-certificates tzdata jq'
WORKDIR /build/src
COPY CMakeLists.txt CMakePresets.json LICENSE ./
COPY cmake cmake
COPY controller controller
COPY docs/openapi.json docs/
ARG COMMIT=
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake --preset image -DBATON_COMMIT="${COMMIT}" \
 && cmake --build --preset image \
 && DESTDIR=/build/out cmake --install build/image --strip \
 && rm -rf build
ARG VERSION=0.1.0
ARG SOURCE_DATE_EPOCH=0
COPY scripts/image scripts/image
RUN scripts/image/rootfs /build/rootfs "${VERSION}" /build/out/usr/bin/*

FROM scratch
COPY --from=build /build/rootfs/ /
ARG VERSION=0.1.0
ARG COMMIT=
LABEL org.opencontainers.image.title="baton" \
      org.opencontainers.image.description="Hands the primary role of a group of pods from one pod to another" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${COMMIT}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="debian:bookworm-slim"
USER 65532:65532
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
EXPOSE 8443 9090 8081
ENTRYPOINT ["/usr/bin/baton-controller"]
