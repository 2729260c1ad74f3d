  (func (;accumulate_0;) (param i32 i32 i32 i32)
    (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 v128 v128 v128 v128 i32 i32 i32 i32 i32 i32 v128 v128 v128 v128 v128 v128)
    local.get 2
    i32.load
    local.set 4
    local.get 2
    i32.load offset=4
    local.set 5
    local.get 3
    i32.const 64
    i32.add
    local.set 6
    local.get 0
    local.set 10
    block
      local.get 10
      local.get 1
      i32.ge_s
      br_if 0
      loop
        i32.const 0
        local.set 11
        local.get 10
        local.set 13
        local.get 13
        local.set 14
        local.get 14
        local.set 7
        local.get 7
        i32.const 256
        i32.mul
        local.set 8
        local.get 7
        i32.const 4
        i32.mul
        local.set 9
        local.get 4
        local.get 8
        i32.add
        local.set 15
        local.get 5
        local.get 9
        i32.add
        local.get 11
        i32.const 32
        i32.mul
        local.get 12
        i32.const 256
        i32.mul
        i32.add
        i32.add
        local.set 16
        local.get 11
        i32.const 1
        i32.mul
        local.set 17
        local.get 17
        i32.const 1
        i32.add
        local.set 18
        v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
        local.set 20
        v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
        local.set 21
        v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
        local.set 22
        v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
        local.set 23
        local.get 17
        local.set 24
        local.get 24
        local.set 27
        i32.const 0
        local.set 19
        local.get 17
        local.set 26
        block
          local.get 26
          local.get 18
          i32.ge_s
          br_if 0
          loop
            local.get 15
            local.get 19
            i32.add
            local.set 28
            i32.const 64
            local.set 29
            block
              local.get 29
              i32.const 16
              i32.lt_s
              br_if 0
              loop
                local.get 28
                v128.load
                local.set 30
                local.get 20
                local.get 30
                f32x4.add
                local.set 20
                local.get 28
                v128.load offset=16
                local.set 31
                local.get 21
                local.get 31
                f32x4.add
                local.set 21
                local.get 28
                v128.load offset=32
                local.set 32
                local.get 22
                local.get 32
                f32x4.add
                local.set 22
                local.get 28
                v128.load offset=48
                local.set 33
                local.get 23
                local.get 33
                f32x4.add
                local.set 23
                local.get 28
                i32.const 64
                i32.add
                local.set 28
                local.get 29
                i32.const -16
                i32.add
                local.set 29
                local.get 29
                i32.const 16
                i32.ge_s
                br_if 0
              end
            end
            local.get 26
            i32.const 1
            i32.add
            local.set 26
            local.get 26
            local.get 18
            i32.lt_s
            br_if 0
          end
        end
        local.get 20
        local.get 21
        f32x4.add
        local.get 22
        local.get 23
        f32x4.add
        f32x4.add
        local.set 34
        local.get 34
        local.get 34
        local.get 34
        i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7
        f32x4.add
        local.set 35
        local.get 16
        local.get 35
        local.get 35
        local.get 35
        i8x16.shuffle 4 5 6 7 0 1 2 3 12 13 14 15 8 9 10 11
        f32x4.add
        v128.store32_lane 0
        local.get 10
        i32.const 1
        i32.add
        local.set 10
        local.get 10
        local.get 1
        i32.lt_s
        br_if 0
      end
    end
  )
