#!/bin/bash
# Builds the image of $PROGRAM for this machine's platform, from $BUILD_IMAGE and $BASE_IMAGE, as $TAG.
# usage: image.sh BUILDX-OPTION...
set -euo pipefail
cd "$(dirname "$0")/.."
case $PROGRAM in
  controller | agent) dockerfile=Dockerfile.$PROGRAM ;;
  *) dockerfile=packages/$PROGRAM/Dockerfile ;;
esac
exec docker buildx build --build-arg BUILD_IMAGE --build-arg BASE_IMAGE --file "$dockerfile" --tag "${TAG:-walras-$PROGRAM:ci}" "$@" .
