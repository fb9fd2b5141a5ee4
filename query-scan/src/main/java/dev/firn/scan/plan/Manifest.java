package dev.firn.scan.plan;

import dev.firn.storage.cache.Weighed;
import java.util.List;

/** The live entries of a manifest in columns. Immutable. */
final class Manifest implements Weighed {
  private final String path;
  private final int specId;
  private final List<Chunk> chunks;
  private final long weight;

  Manifest(String path, int specId, List<Chunk> chunks) {
    this.path = path;
    this.specId = specId;
    this.chunks = List.copyOf(chunks);
    this.weight = 200 + 2L * path.length() + chunks.stream().mapToLong(Chunk::weight).sum();
  }

  String path() {
    return path;
  }

  int specId() {
    return specId;
  }

  List<Chunk> chunks() {
    return chunks;
  }

  @Override
  public long weight() {
    return weight;
  }
}
