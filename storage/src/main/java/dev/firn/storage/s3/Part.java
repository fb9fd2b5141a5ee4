package dev.firn.storage.s3;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32C;
import software.amazon.awssdk.core.sync.RequestBody;

/**
 * The bytes of one request: a part of a file, or all of it. Immutable while it lives, and read as
 * often as the request is sent; {@link #release} gives its memory back.
 *
 * @param pieces the bytes in order, positions and limits set; nobody moves them
 * @param chunks the memory under them that the pool gets back
 */
record Part(List<ByteBuffer> pieces, List<byte[]> chunks, ChunkPool pool) {
  private static final String CONTENT_TYPE = "application/octet-stream";

  long size() {
    long size = 0;
    for (ByteBuffer piece : pieces) {
      size += piece.remaining();
    }
    return size;
  }

  /** The CRC32C of the bytes as S3 spells it: four bytes, the highest first, in Base64. */
  String crc32c() {
    CRC32C crc = new CRC32C();
    pieces.forEach(piece -> crc.update(piece.duplicate()));
    return base64(ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array());
  }

  /** The MD5 of the bytes in Base64. */
  String md5() {
    try {
      MessageDigest digest = MessageDigest.getInstance("MD5");
      pieces.forEach(piece -> digest.update(piece.duplicate()));
      return base64(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has MD5", e);
    }
  }

  /** The body to send. */
  RequestBody body() {
    return RequestBody.fromContentProvider(this::open, size(), CONTENT_TYPE);
  }

  InputStream open() {
    return new PiecesInputStream(pieces);
  }

  /** Gives the memory back: once, when nothing reads it any longer. */
  void release() {
    chunks.forEach(pool::give);
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }
}
