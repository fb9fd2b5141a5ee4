package dev.firn.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.FirnException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.ObjectCannedACL;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;
import software.amazon.awssdk.services.s3.model.StorageClass;
import software.amazon.awssdk.services.s3.model.Tag;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

class WriteRequestsTest {
  /** The check value of CRC32C, e3069283, and the MD5 of the same bytes. */
  private static final Part PART =
      new Part(
          List.of(ByteBuffer.wrap("123456789".getBytes(StandardCharsets.US_ASCII))),
          List.of(),
          new ChunkPool(0));

  private static final String CRC32C = "4waSgw==";
  private static final String MD5 = "JfnnlDI7RTiF9RgfG2JNCw==";

  @Test
  void asksForNothingMoreByDefault() {
    WriteRequests requests = requests(Map.of(), false);
    assertThat(requests.put(PART))
        .isEqualTo(
            PutObjectRequest.builder()
                .bucket("bucket")
                .key("a/b c")
                .contentLength(9L)
                .checksumCRC32C(CRC32C)
                .metadata(Map.of("firn-write", requests.token()))
                .build());
    assertThat(requests.features()).isEqualTo("checksums (s3.checksum-enabled=false)");
    assertThat(requests.complete("u", List.of()).ifNoneMatch()).isNull();
  }

  @Test
  void marksEachWriteByATokenOfItsOwn() {
    WriteRequests one = requests(Map.of(), true);
    WriteRequests other = requests(Map.of(), true);
    assertThat(one.token()).hasSizeGreaterThan(30).isNotEqualTo(other.token());
    assertThat(one.begin().metadata()).isEqualTo(Map.of("firn-write", one.token()));
  }

  @Test
  void createsUnderTheConditionThatNothingIsThere() {
    WriteRequests requests = requests(Map.of(), true);
    assertThat(requests.put(PART).ifNoneMatch()).isEqualTo("*");
    assertThat(requests.complete("u", List.of()).ifNoneMatch()).isEqualTo("*");
    WriteRequests without = requests(Map.of("s3.conditional-writes-enabled", "false"), true);
    assertThat(without.put(PART).ifNoneMatch()).isNull();
    assertThat(without.complete("u", List.of()).ifNoneMatch()).isNull();
  }

  @Test
  void sendsTheChecksumsThatAreWanted() {
    WriteRequests standard = requests(Map.of(), false);
    assertThat(standard.begin().checksumAlgorithm()).isEqualTo(ChecksumAlgorithm.CRC32_C);
    assertThat(standard.part("u", 1, PART).checksumCRC32C()).isEqualTo(CRC32C);
    assertThat(standard.part("u", 1, PART).contentMD5()).isNull();

    WriteRequests both = requests(Map.of("s3.checksum-enabled", "true"), false);
    assertThat(both.put(PART).checksumCRC32C()).isEqualTo(CRC32C);
    assertThat(both.put(PART).contentMD5()).isEqualTo(MD5);
    assertThat(both.part("u", 1, PART).contentMD5()).isEqualTo(MD5);

    WriteRequests none = requests(Map.of("s3.checksum-enabled", "false"), false);
    assertThat(none.begin().checksumAlgorithm()).isNull();
    assertThat(none.put(PART).checksumCRC32C()).isNull();
    assertThat(none.part("u", 1, PART).checksumCRC32C()).isNull();
    assertThat(none.features()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"s3, AES256,", "KMS, AWS_KMS, arn:key", "dsse-kms, AWS_KMS_DSSE, arn:key"})
  void encryptsOnTheStoresSide(String type, ServerSideEncryption expected, String key) {
    WriteRequests requests = requests(Map.of("s3.sse.type", type, "s3.sse.key", "arn:key"), false);
    PutObjectRequest put = requests.put(PART);
    CreateMultipartUploadRequest begin = requests.begin();
    assertThat(put.serverSideEncryption()).isEqualTo(expected);
    assertThat(put.ssekmsKeyId()).isEqualTo(key);
    assertThat(put.sseCustomerKey()).isNull();
    assertThat(begin.serverSideEncryption()).isEqualTo(expected);
    assertThat(begin.ssekmsKeyId()).isEqualTo(key);
    assertThat(requests.features()).contains("encryption (s3.sse.type=none)");
  }

  @Test
  void sendsACustomersKeyWithEveryRequestThatNeedsIt() {
    WriteRequests requests =
        requests(
            Map.of("s3.sse.type", "custom", "s3.sse.key", "c2VjcmV0", "s3.sse.md5", "bWQ1"), false);
    PutObjectRequest put = requests.put(PART);
    CreateMultipartUploadRequest begin = requests.begin();
    UploadPartRequest part = requests.part("u", 3, PART);
    CompleteMultipartUploadRequest complete =
        requests.complete("u", List.of(CompletedPart.builder().partNumber(3).eTag("e").build()));
    HeadObjectRequest head = requests.head();
    assertThat(List.of(put.sseCustomerAlgorithm(), begin.sseCustomerAlgorithm()))
        .containsOnly("AES256");
    assertThat(
            List.of(
                put.sseCustomerKey(),
                begin.sseCustomerKey(),
                part.sseCustomerKey(),
                complete.sseCustomerKey(),
                head.sseCustomerKey()))
        .containsOnly("c2VjcmV0");
    assertThat(
            List.of(
                put.sseCustomerKeyMD5(),
                begin.sseCustomerKeyMD5(),
                part.sseCustomerKeyMD5(),
                complete.sseCustomerKeyMD5(),
                head.sseCustomerKeyMD5()))
        .containsOnly("bWQ1");
    assertThat(put.serverSideEncryption()).isNull();
    assertThat(part.partNumber()).isEqualTo(3);
    assertThat(complete.multipartUpload().parts()).hasSize(1);
    assertThat(requests.toString()).doesNotContain("c2VjcmV0");
  }

  @Test
  void refusesAnUnknownEncryption() {
    assertThatThrownBy(() -> requests(Map.of("s3.sse.type", "rot13"), false).put(PART))
        .isInstanceOf(FirnException.class)
        .hasMessage(
            "Cannot use setting 's3.sse.type': expected none, s3, kms, dsse-kms or custom, got"
                + " 'rot13'");
  }

  @Test
  void tagsAndPlacesAsConfigured() {
    WriteRequests requests =
        requests(
            Map.of(
                "s3.write.tags.team", "a b",
                "s3.write.storage-class", "STANDARD_IA",
                "s3.acl", "bucket-owner-full-control"),
            true);
    PutObjectRequest put = requests.put(PART);
    CreateMultipartUploadRequest begin = requests.begin();
    assertThat(put.tagging()).isEqualTo("team=a%20b");
    assertThat(begin.tagging()).isEqualTo("team=a%20b");
    assertThat(put.storageClass()).isEqualTo(StorageClass.STANDARD_IA);
    assertThat(begin.storageClass()).isEqualTo(StorageClass.STANDARD_IA);
    assertThat(put.acl()).isEqualTo(ObjectCannedACL.BUCKET_OWNER_FULL_CONTROL);
    assertThat(begin.acl()).isEqualTo(ObjectCannedACL.BUCKET_OWNER_FULL_CONTROL);
    assertThat(requests.properties().writeTags())
        .containsExactly(Tag.builder().key("team").value("a b").build());
    assertThat(requests.features())
        .contains(
            "conditional writes (s3.conditional-writes-enabled=false)",
            "s3.write.tags.*",
            "s3.write.storage-class",
            "s3.acl");
  }

  private static WriteRequests requests(Map<String, String> properties, boolean exclusive) {
    return WriteRequests.of(
        S3Location.parse("s3://bucket/a/b c"), new S3FileIOProperties(properties), exclusive);
  }
}
