// SPDX-License-Identifier: MIT
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** AWS SDK for Java, version 2; ../README.md has the verbs. */
public class Client {
	private static final int PART_BYTES = 5 << 20;
	private static final Duration VALID_FOR = Duration.ofMinutes(10);

	private final String bucket = System.getenv("S3_BUCKET");
	private final S3Client s3;
	private final S3Presigner presigner;

	private Client() {
		var endpoint = URI.create(System.getenv("S3_ENDPOINT"));
		var region = Region.of(System.getenv("S3_REGION"));
		var credentials = StaticCredentialsProvider.create(
				AwsBasicCredentials.create(System.getenv("S3_ACCESS_KEY"), System.getenv("S3_SECRET_KEY")));
		var pathStyle = !"virtual".equals(System.getenv("S3_STYLE"));
		var style = S3Configuration.builder().pathStyleAccessEnabled(pathStyle).build();
		s3 = S3Client.builder().endpointOverride(endpoint).region(region).credentialsProvider(credentials)
				.serviceConfiguration(style).overrideConfiguration(o -> o.retryStrategy(r -> r.maxAttempts(1))).build();
		presigner = S3Presigner.builder().endpointOverride(endpoint).region(region)
				.credentialsProvider(credentials).serviceConfiguration(style).build();
	}

	private List<String> put(String key, Path file) {
		s3.putObject(r -> r.bucket(bucket).key(key), file);
		return List.of();
	}

	private List<String> upload(String key, Path file) throws IOException {
		var id = s3.createMultipartUpload(r -> r.bucket(bucket).key(key)).uploadId();
		var parts = new ArrayList<CompletedPart>();
		try (InputStream in = Files.newInputStream(file)) {
			for (byte[] block; (block = in.readNBytes(PART_BYTES)).length > 0;) {
				int number = parts.size() + 1;
				var done = s3.uploadPart(r -> r.bucket(bucket).key(key).uploadId(id).partNumber(number),
						RequestBody.fromBytes(block));
				parts.add(CompletedPart.builder().partNumber(number).eTag(done.eTag())
						.checksumCRC32(done.checksumCRC32()).build());
			}
		}
		s3.completeMultipartUpload(r -> r.bucket(bucket).key(key).uploadId(id).multipartUpload(m -> m.parts(parts)));
		return List.of();
	}

	private List<String> get(GetObjectRequest.Builder request, Path file) throws IOException {
		try (InputStream in = s3.getObject(request.bucket(bucket).build())) {
			Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
		}
		return List.of();
	}

	private List<String> list(String prefix) {
		return s3.listObjectsV2Paginator(r -> r.bucket(bucket).prefix(prefix).maxKeys(2)).contents().stream()
				.map(S3Object::key).toList();
	}

	private List<String> copy(String from, String to) {
		s3.copyObject(r -> r.sourceBucket(bucket).sourceKey(from).destinationBucket(bucket).destinationKey(to));
		return List.of();
	}

	private String presignGet(String key) {
		return presigner.presignGetObject(p -> p.signatureDuration(VALID_FOR)
				.getObjectRequest(r -> r.bucket(bucket).key(key))).url().toString();
	}

	private String presignPut(String key) {
		return presigner.presignPutObject(p -> p.signatureDuration(VALID_FOR)
				.putObjectRequest(r -> r.bucket(bucket).key(key))).url().toString();
	}

	private List<String> delete(List<String> keys) {
		if (keys.size() == 1) {
			s3.deleteObject(r -> r.bucket(bucket).key(keys.get(0)));
			return List.of();
		}
		var objects = keys.stream().map(k -> ObjectIdentifier.builder().key(k).build()).toList();
		var answer = s3.deleteObjects(r -> r.bucket(bucket).delete(d -> d.objects(objects)));
		if (answer.hasErrors()) {
			throw new IllegalStateException(answer.errors().toString());
		}
		return List.of();
	}

	private List<String> run(String verb, List<String> words) throws IOException {
		String key = words.get(0);
		return switch (verb) {
			case "put" -> put(key, Path.of(words.get(1)));
			case "upload" -> upload(key, Path.of(words.get(1)));
			case "get" -> get(GetObjectRequest.builder().key(key), Path.of(words.get(1)));
			case "range" -> get(GetObjectRequest.builder().key(key)
					.range("bytes=" + words.get(2) + "-" + words.get(3)), Path.of(words.get(1)));
			case "list" -> list(key);
			case "copy" -> copy(key, words.get(1));
			case "presign-get" -> List.of(presignGet(key));
			case "presign-put" -> List.of(presignPut(key));
			case "delete" -> delete(words);
			default -> throw new IllegalArgumentException(verb);
		};
	}

	public static void main(String[] args) throws IOException {
		var client = new Client();
		var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String line; (line = lines.readLine()) != null;) {
			var words = Arrays.asList(line.split("\t"));
			var answer = new ArrayList<String>();
			try {
				answer.add("ok");
				answer.addAll(client.run(words.get(0), words.subList(1, words.size())));
			} catch (Exception e) {
				answer = new ArrayList<>(List.of("error", e.toString().replaceAll("\\s+", " ")));
			}
			System.out.println(String.join("\t", answer));
		}
	}
}
