package dev.firn.storage;

/** SKELETON: the storage helper replaces it. */
public final class SchemeFileIO {
  private SchemeFileIO() {}
}
