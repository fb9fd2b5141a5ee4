package dev.firn.storage.s3;

import static org.apache.iceberg.aws.s3.S3FileIOProperties.DSSE_TYPE_KMS;
import static org.apache.iceberg.aws.s3.S3FileIOProperties.SSE_TYPE;
import static org.apache.iceberg.aws.s3.S3FileIOProperties.SSE_TYPE_CUSTOM;
import static org.apache.iceberg.aws.s3.S3FileIOProperties.SSE_TYPE_KMS;
import static org.apache.iceberg.aws.s3.S3FileIOProperties.SSE_TYPE_NONE;
import static org.apache.iceberg.aws.s3.S3FileIOProperties.SSE_TYPE_S3;

import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.AbortMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.Tagging;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/**
 * The requests of one write of one object, encrypted, tagged and checked as configured. Immutable.
 *
 * @param exclusive whether nothing may be replaced
 * @param token what tells this write from every other: random, in the object's metadata
 */
record WriteRequests(
    S3Location location,
    S3FileIOProperties properties,
    WriteSettings settings,
    boolean exclusive,
    String token) {
  /** The key of the token in the object's metadata. */
  static final String TOKEN_KEY = "firn-write";

  private static final String ANYTHING = "*";
  private static final String SSE_C_ALGORITHM = "AES256";

  static WriteRequests of(S3Location location, S3FileIOProperties properties, boolean exclusive) {
    WriteSettings settings = WriteSettings.of(properties.properties());
    String token = UUID.randomUUID().toString();
    return new WriteRequests(location, properties, settings, exclusive, token);
  }

  /** Whether the store itself is to refuse where an object is there. */
  boolean conditional() {
    return exclusive && settings.conditional();
  }

  PutObjectRequest put(Part part) {
    PutObjectRequest.Builder request =
        PutObjectRequest.builder()
            .bucket(location.bucket())
            .key(location.key())
            .contentLength(part.size())
            .metadata(Map.of(TOKEN_KEY, token))
            .acl(properties.acl())
            .storageClass(properties.writeStorageClass())
            .ifNoneMatch(condition())
            .checksumCRC32C(crc32c(part))
            .contentMD5(md5(part))
            .serverSideEncryption(encryption())
            .ssekmsKeyId(kmsKey());
    if (tagged()) {
      request.tagging(tagging());
    }
    if (withCustomerKey()) {
      request
          .sseCustomerAlgorithm(SSE_C_ALGORITHM)
          .sseCustomerKey(properties.sseKey())
          .sseCustomerKeyMD5(properties.sseMd5());
    }
    return request.build();
  }

  CreateMultipartUploadRequest begin() {
    CreateMultipartUploadRequest.Builder request =
        CreateMultipartUploadRequest.builder()
            .bucket(location.bucket())
            .key(location.key())
            .metadata(Map.of(TOKEN_KEY, token))
            .acl(properties.acl())
            .storageClass(properties.writeStorageClass())
            .checksumAlgorithm(
                settings.checksums() == WriteSettings.Checksums.NONE
                    ? null
                    : ChecksumAlgorithm.CRC32_C)
            .serverSideEncryption(encryption())
            .ssekmsKeyId(kmsKey());
    if (tagged()) {
      request.tagging(tagging());
    }
    if (withCustomerKey()) {
      request
          .sseCustomerAlgorithm(SSE_C_ALGORITHM)
          .sseCustomerKey(properties.sseKey())
          .sseCustomerKeyMD5(properties.sseMd5());
    }
    return request.build();
  }

  UploadPartRequest part(String upload, int number, Part part) {
    UploadPartRequest.Builder request =
        UploadPartRequest.builder()
            .bucket(location.bucket())
            .key(location.key())
            .uploadId(upload)
            .partNumber(number)
            .contentLength(part.size())
            .checksumCRC32C(crc32c(part))
            .contentMD5(md5(part));
    if (withCustomerKey()) {
      request
          .sseCustomerAlgorithm(SSE_C_ALGORITHM)
          .sseCustomerKey(properties.sseKey())
          .sseCustomerKeyMD5(properties.sseMd5());
    }
    return request.build();
  }

  CompleteMultipartUploadRequest complete(String upload, List<CompletedPart> parts) {
    CompleteMultipartUploadRequest.Builder request =
        CompleteMultipartUploadRequest.builder()
            .bucket(location.bucket())
            .key(location.key())
            .uploadId(upload)
            .multipartUpload(completed -> completed.parts(parts))
            .ifNoneMatch(condition());
    if (withCustomerKey()) {
      request
          .sseCustomerAlgorithm(SSE_C_ALGORITHM)
          .sseCustomerKey(properties.sseKey())
          .sseCustomerKeyMD5(properties.sseMd5());
    }
    return request.build();
  }

  AbortMultipartUploadRequest abort(String upload) {
    return AbortMultipartUploadRequest.builder()
        .bucket(location.bucket())
        .key(location.key())
        .uploadId(upload)
        .build();
  }

  HeadObjectRequest head() {
    HeadObjectRequest.Builder request =
        HeadObjectRequest.builder().bucket(location.bucket()).key(location.key());
    if (withCustomerKey()) {
      request
          .sseCustomerAlgorithm(SSE_C_ALGORITHM)
          .sseCustomerKey(properties.sseKey())
          .sseCustomerKeyMD5(properties.sseMd5());
    }
    return request.build();
  }

  /** The settings that ask the store for more than bytes, as an error about one may list them. */
  String features() {
    List<String> features = new ArrayList<>();
    if (conditional()) {
      features.add("conditional writes (%s=false)".formatted(WriteSettings.CONDITIONAL));
    }
    if (tagged()) {
      features.add("tags (remove " + S3FileIOProperties.WRITE_TAGS_PREFIX + "*)");
    }
    if (properties.writeStorageClass() != null) {
      features.add("storage classes (remove " + S3FileIOProperties.WRITE_STORAGE_CLASS + ")");
    }
    if (properties.acl() != null) {
      features.add("access control lists (remove " + S3FileIOProperties.ACL + ")");
    }
    if (encryption() != null || withCustomerKey()) {
      features.add("encryption (" + SSE_TYPE + "=none)");
    }
    if (settings.checksums() != WriteSettings.Checksums.NONE) {
      features.add("checksums (" + S3FileIOProperties.CHECKSUM_ENABLED + "=false)");
    }
    return String.join(", ", features);
  }

  private @Nullable String condition() {
    return conditional() ? ANYTHING : null;
  }

  private boolean tagged() {
    return !properties.writeTags().isEmpty();
  }

  private Tagging tagging() {
    return Tagging.builder().tagSet(properties.writeTags()).build();
  }

  private @Nullable String crc32c(Part part) {
    return settings.checksums() == WriteSettings.Checksums.NONE ? null : part.crc32c();
  }

  private @Nullable String md5(Part part) {
    return settings.checksums() == WriteSettings.Checksums.CRC32C_AND_MD5 ? part.md5() : null;
  }

  private boolean withCustomerKey() {
    return sseType().equals(SSE_TYPE_CUSTOM);
  }

  private @Nullable ServerSideEncryption encryption() {
    return switch (sseType()) {
      case SSE_TYPE_NONE, SSE_TYPE_CUSTOM -> null;
      case SSE_TYPE_S3 -> ServerSideEncryption.AES256;
      case SSE_TYPE_KMS -> ServerSideEncryption.AWS_KMS;
      case DSSE_TYPE_KMS -> ServerSideEncryption.AWS_KMS_DSSE;
      default ->
          throw FirnException.invalid(
              "Cannot use setting '%s': expected none, s3, kms, dsse-kms or custom, got '%s'"
                  .formatted(SSE_TYPE, properties.sseType()));
    };
  }

  private @Nullable String kmsKey() {
    return switch (sseType()) {
      case SSE_TYPE_KMS, DSSE_TYPE_KMS -> properties.sseKey();
      default -> null;
    };
  }

  private String sseType() {
    return properties.sseType().toLowerCase(Locale.ROOT);
  }

  /** Shows no key of encryption. */
  @Override
  public String toString() {
    return "WriteRequests[%s, exclusive=%s, token=%s]".formatted(location, exclusive, token);
  }
}
