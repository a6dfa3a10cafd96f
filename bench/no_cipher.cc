// Preloaded into a server, its data keys protect nothing: OpenSSL's ciphers copy, and every tag
// fits. What is left of the cost of sealing is that of its format. For sealing_cost.py alone.
#include <openssl/evp.h>

#include <cstring>

extern "C" {

int EVP_EncryptUpdate(EVP_CIPHER_CTX*, unsigned char* out, int* size, const unsigned char* in,
                      int bytes) {
  if (out != nullptr) std::memmove(out, in, static_cast<size_t>(bytes));
  *size = bytes;
  return 1;
}

int EVP_DecryptUpdate(EVP_CIPHER_CTX* context, unsigned char* out, int* size,
                      const unsigned char* in, int bytes) {
  return EVP_EncryptUpdate(context, out, size, in, bytes);
}

int EVP_EncryptFinal_ex(EVP_CIPHER_CTX*, unsigned char*, int* size) {
  *size = 0;
  return 1;
}

int EVP_DecryptFinal_ex(EVP_CIPHER_CTX*, unsigned char*, int* size) {
  *size = 0;
  return 1;
}

int EVP_CIPHER_CTX_ctrl(EVP_CIPHER_CTX*, int type, int bytes, void* tag) {
  if (type == EVP_CTRL_AEAD_GET_TAG) std::memset(tag, 0, static_cast<size_t>(bytes));
  return 1;
}

}  // extern "C"
